namespace Handrail.Telemetry;

/// <summary>What must be known of a step to read its trace: small enough to keep for a whole trace.</summary>
/// <param name="OwnSession">Session named on the span itself.</param>
/// <param name="ResourceSession">Session named on its resource.</param>
/// <param name="OwnAgent">Agent named on the span itself.</param>
/// <param name="ServiceName">The resource's service name.</param>
/// <param name="HasUsage">The step carries token counts or a cost.</param>
public readonly record struct StepNode(
    string SpanId, string? ParentSpanId, StepKind Kind, string? OwnSession, string? ResourceSession, string? OwnAgent,
    string? ServiceName, string? EndUser, bool HasUsage, DateTimeOffset StartedAt);

/// <summary>What the whole trace says of one step.</summary>
/// <param name="SessionId">The session, or null when no span of the trace (nor its resource) names one yet.</param>
/// <param name="Agent">Nearest agent's name; falls back to the service's name.</param>
/// <param name="Counts">True when the step's tokens and cost are added to totals: the innermost model call, or a parent with usage none of whose descendants has any.</param>
public readonly record struct StepReading(string? SessionId, string? Agent, string? EndUser, bool Counts);
