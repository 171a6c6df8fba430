namespace Handrail.Ingest;

/// <summary>What became of a request's spans, once they are committed.</summary>
public sealed record IngestReceipt
{
    public int Accepted { get; init; }

    /// <summary>Spans that were stored before; they count once.</summary>
    public int Duplicates { get; init; }

    public int Rejected { get; init; }

    /// <summary>Why, each reason once, for the sender; null when nothing was rejected.</summary>
    public string? RejectionReason { get; init; }

    /// <summary>The sessions that the spans belong to.</summary>
    public required IReadOnlyCollection<string> Sessions { get; init; }

    /// <summary>The agents that they speak of.</summary>
    public required IReadOnlyCollection<string> Agents { get; init; }

    /// <summary>What is ordered for the one session, or the one agent, that the request speaks of; null when it speaks of several.</summary>
    public ControlState? Control { get; init; }

    /// <summary>The versions that rule the one agent: <c>3.17</c>.</summary>
    public string? PolicyVersion { get; init; }
}
