namespace Handrail.Handoffs;

/// <summary>A decision that a person has made and may still take back.</summary>
/// <param name="Seen">The handoff as the person saw it.</param>
/// <param name="DueAt">When it is sent.</param>
public sealed record HeldDecision(HandoffAnswer Seen, HandoffDecision Decision, DateTimeOffset DueAt);

/// <summary>A decision that was to be sent and was refused: nothing was decided by it.</summary>
public sealed record NotSent(HeldDecision Held, string Why);
