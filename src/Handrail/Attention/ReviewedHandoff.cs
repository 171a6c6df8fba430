using Handrail.Handoffs;

namespace Handrail.Attention;

/// <summary>A decision by a person, as attention is read from it.</summary>
/// <param name="Approvers">Who had approved, in their order; the last one's decided it where it was approved.</param>
/// <param name="Looked">How long it lay before the person; null where no page can tell.</param>
/// <param name="Waited">From its opening to the decision.</param>
/// <param name="Planted">A case that was known to be bad.</param>
public sealed record ReviewedHandoff(
    HandoffKind Kind, HandoffStatus Status, string By, DateTimeOffset At, IReadOnlyList<string> Approvers, bool Edited, TimeSpan? Looked, TimeSpan Waited, bool Planted);
