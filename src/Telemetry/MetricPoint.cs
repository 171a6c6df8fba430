namespace Handrail.Telemetry;

/// <summary>How a metric's points add up.</summary>
public enum MetricKind
{
    /// <summary>Each point is the value then; the newest holds.</summary>
    Gauge,

    /// <summary>Each point says what was added since the one before.</summary>
    Delta,

    /// <summary>Each point is the whole since the series began.</summary>
    Cumulative,
}

/// <summary>One data point of a metric: a number, or the sum and count of a distribution.</summary>
/// <param name="Service">The resource's <c>service.name</c>.</param>
/// <param name="Instance">The resource's <c>service.instance.id</c>: of several processes of a service each has series of its own.</param>
/// <param name="SessionId">The session that the point or its resource names.</param>
/// <param name="Name">The metric's name, such as <c>claude_code.token.usage</c>.</param>
/// <param name="Unit">Its unit (UCUM), when it has one.</param>
/// <param name="AttributesJson">The point's attributes as a JSON object, in the order of their names.</param>
/// <param name="StartedAt">When the series began; null when it does not say.</param>
/// <param name="At">The moment of the value.</param>
/// <param name="Value">The value, or the sum of a distribution.</param>
/// <param name="Count">How many measurements a distribution has; null for a number.</param>
public sealed record MetricPoint(
    string? Service, string? Instance, string? SessionId, string Name, string? Unit, string AttributesJson, MetricKind Kind, DateTimeOffset? StartedAt,
    DateTimeOffset At, double Value, long? Count);

/// <summary>What a metrics request held: the usable points, and how many were not.</summary>
/// <param name="RejectionReason">Why, in words for the sender, each reason once; null when nothing was rejected.</param>
public sealed record MetricReadResult(IReadOnlyList<MetricPoint> Points, int Rejected, string? RejectionReason);
