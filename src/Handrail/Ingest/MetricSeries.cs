using Handrail.Telemetry;

namespace Handrail.Ingest;

/// <summary>
/// A metric's series as far as it has come: what its points add up to. Metrics tell of the same money and tokens as spans and log events,
/// and so are never added to a session's totals.
/// </summary>
public sealed class MetricSeries
{
    /// <summary>SHA-256 over what makes the series: team, service and its instance, session, name, attributes, and for a cumulative one when it began.</summary>
    public required string Id { get; set; }

    public required string Team { get; set; }

    public string? ServiceName { get; set; }

    public string? SessionId { get; set; }

    public required string Name { get; set; }

    /// <summary>As its sender gave it (UCUM); null for none.</summary>
    public string? Unit { get; set; }

    public MetricKind Kind { get; set; }

    /// <summary>The points' attributes as a JSON object.</summary>
    public required string AttributesJson { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The newest point; one that is not newer is a repetition.</summary>
    public DateTimeOffset LastAt { get; set; }

    /// <summary>When a point came in last, by our clock.</summary>
    public DateTimeOffset LastReceivedAt { get; set; }

    /// <summary>
    /// Silent for so long that it no longer counts towards what a team may have. What it has come to stays, so that its session's figures do,
    /// and so does the row: a cumulative series that speaks again would else be counted twice.
    /// </summary>
    public bool Retired { get; set; }

    /// <summary>The value now: a gauge's or a cumulative series' newest, a delta series' sum.</summary>
    public double Value { get; set; }

    /// <summary>How many measurements a distribution has; null for numbers.</summary>
    public long? Count { get; set; }

    /// <summary>Takes in a point; false when it is a repetition.</summary>
    /// <param name="now">By our clock.</param>
    public bool Add(MetricPoint point, DateTimeOffset now)
    {
        (LastReceivedAt, Retired) = (now, false);
        if (point.At <= LastAt)
        {
            return false;
        }

        var adds = Kind == MetricKind.Delta;

        // Of a sum that is too large for any number the largest is kept: no database has a column for infinity and what follows from it.
        Value = adds ? Math.Clamp(Value + point.Value, double.MinValue, double.MaxValue) : point.Value;
        Count = adds ? BoundedSum.Of(Count ?? 0, point.Count ?? 0) : point.Count;
        LastAt = point.At;
        return true;
    }
}
