namespace Handrail.Telemetry;

/// <summary>What a request held: the usable records, and how many were not.</summary>
/// <param name="Steps">One step for each usable span, in the order of the request.</param>
/// <param name="Rejected">Spans that can't be used; the others of the same request are kept.</param>
/// <param name="RejectionReason">Why, in words for the sender, each reason once; null when nothing was rejected.</param>
public sealed record OtlpReadResult(IReadOnlyList<Step> Steps, int Rejected, string? RejectionReason);
