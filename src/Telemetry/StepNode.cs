namespace Handrail.Telemetry;

/// <summary>What must be known of a step to read its trace: small enough to keep for a whole trace.</summary>
/// <param name="OwnSession">Session named on the span itself.</param>
/// <param name="ResourceSession">Session named on its resource.</param>
/// <param name="OwnAgent">Agent named on the span itself.</param>
/// <param name="ServiceName">The resource's service name.</param>
/// <param name="EndUser">The person that the span itself names.</param>
/// <param name="HasUsage">The step carries token counts.</param>
/// <param name="HasReportedCost">The step carries the sender's own figure of its cost.</param>
/// <param name="CallId">What the tellings of one call have in common.</param>
/// <param name="Failed">The step itself says that it failed.</param>
public readonly record struct StepNode(
    string SpanId, string? ParentSpanId, StepKind Kind, string? OwnSession, string? ResourceSession, string? OwnAgent,
    string? ServiceName, string? EndUser, bool HasUsage, DateTimeOffset StartedAt, bool HasReportedCost = false,
    string? ToolName = null, Telling Telling = Telling.Span, string? CallId = null, bool Failed = false, string? Dialect = null)
{
    /// <summary>The node of a step.</summary>
    public static StepNode Of(Step step) => new(
        step.SpanId, step.ParentSpanId, step.Kind, step.SessionId, step.ResourceSessionId, step.AgentName, step.ServiceName,
        step.EndUser, step.Usage.IsKnown, step.StartedAt, step.ReportedCostUsd is not null, step.ToolName,
        step.Telling, step.CallId, step.Failed, step.Dialect);
}

/// <summary>What the whole trace says of one step.</summary>
/// <param name="SessionId">The session, or null when no span of the trace (nor its resource) names one yet.</param>
/// <param name="Agent">Nearest agent's name; falls back to the service's name.</param>
/// <param name="EndUser">The nearest that is named; null when the trace names nobody.</param>
/// <param name="Counts">
/// The step's tokens are added to totals, and it is counted as a call. True for the innermost step with usage, and for a
/// parent with usage none of whose descendants has any; for a model call without usage that no other step of the same
/// call stands for; for a tool step whose parent is not the same tool's.
/// </param>
/// <param name="CountsCost">
/// The step's cost is added to totals: as <paramref name="Counts"/>, except that of several steps that stand for one
/// model call the one that reports a cost is taken.
/// </param>
/// <param name="Failed">It failed by what it says, or by what another telling of the same call says.</param>
/// <param name="IsOwn">It stands for itself, and is not another telling of a call that counts elsewhere.</param>
public readonly record struct StepReading(string? SessionId, string? Agent, string? EndUser, bool Counts, bool CountsCost, bool Failed, bool IsOwn);
