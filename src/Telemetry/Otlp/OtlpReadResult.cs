namespace Handrail.Telemetry;

/// <summary>What a request held: the usable records, and how many were not.</summary>
/// <param name="Steps">One step for each usable span, and for each log record that tells of something an agent did; in the order of the request.</param>
/// <param name="Rejected">Records that can't be used; the others of the same request are kept.</param>
/// <param name="RejectionReason">Why, in words for the sender, each reason once; null when nothing was rejected.</param>
public sealed record OtlpReadResult(IReadOnlyList<Step> Steps, int Rejected, string? RejectionReason)
{
    /// <summary>Records that are taken and say nothing of an agent: an application's other log records, a coding agent's internal spans.</summary>
    public int LeftOut { get; init; }

    /// <summary>How each sender's records were read.</summary>
    public IReadOnlyDictionary<SenderName, SenderCoverage> Coverage { get; init; } = new Dictionary<SenderName, SenderCoverage>();
}
