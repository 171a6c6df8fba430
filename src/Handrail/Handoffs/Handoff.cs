namespace Handrail.Handoffs;

public enum HandoffKind
{
    Approval,
    Question,
    Escalation,
    Breaker,
    Sample,
    TakeOver,
}

public enum HandoffStatus
{
    Open,
    Approved,
    Rejected,
    Answered,
    TakenOver,
    Expired,
    Cancelled,
    Resolved,
}

public static class HandoffKinds
{
    /// <summary>Kinds over which no agent waits: what has gone already, and a session that a person has in hand.</summary>
    public static readonly List<HandoffKind> HoldNobody = [HandoffKind.Sample, HandoffKind.TakeOver];

    public static bool HoldsUp(this HandoffKind kind) => !HoldNobody.Contains(kind);
}

/// <summary>Something that waits for a person.</summary>
public sealed class Handoff
{
    public required string Id { get; set; }

    public required string Team { get; set; }

    public HandoffKind Kind { get; set; }

    public HandoffStatus Status { get; set; }

    public required string SessionId { get; set; }

    public required string Agent { get; set; }

    /// <summary>The person on whose behalf the agent works: may not approve where policy forbids it.</summary>
    public string? User { get; set; }

    public string? ActionId { get; set; }

    /// <summary>SHA-256 over a question's body: another body under the same id is refused.</summary>
    public string? Digest { get; set; }

    public string? Type { get; set; }

    public string? Summary { get; set; }

    public string? Detail { get; set; }

    public decimal? Amount { get; set; }

    public string? Currency { get; set; }

    public string? Vendor { get; set; }

    public string? Category { get; set; }

    public string? Risk { get; set; }

    public double? Confidence { get; set; }

    public string? ArgumentsJson { get; set; }

    public required string ReasonsJson { get; set; }

    public string? Reasoning { get; set; }

    public string? CitationsJson { get; set; }

    public string? ChecksJson { get; set; }

    /// <summary>The refused action that its own may go around, a <see cref="Actions.PossibleBypass"/>; null where there is none.</summary>
    public string? BypassJson { get; set; }

    public string? OptionsJson { get; set; }

    public string? AnswerSchemaJson { get; set; }

    public string? ClaimedBy { get; set; }

    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>The colleague to whom it was delegated; others claim it before they decide.</summary>
    public string? AssignedTo { get; set; }

    public string? AssignedBy { get; set; }

    /// <summary>What was said on delegating it.</summary>
    public string? AssignedNote { get; set; }

    /// <summary>People who have approved so far: <c>[{"by","at"}]</c>, counted by person.</summary>
    public string ApprovalsJson { get; set; } = "[]";

    public int ApprovalsNeeded { get; set; } = 1;

    public bool ForbidSelfApproval { get; set; }

    /// <summary><c>reject</c>, <c>escalate</c> or <c>hold</c>.</summary>
    public string OnTimeout { get; set; } = "reject";

    public string? EscalateTo { get; set; }

    public int TimeoutSeconds { get; set; }

    /// <summary>Only people with this role may decide, once it was escalated.</summary>
    public string? Role { get; set; }

    public DateTimeOffset OpenedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public string? DecidedBy { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    public string? Decision { get; set; }

    /// <summary>How long it lay before the person who decided, in milliseconds; null where no page can tell.</summary>
    public long? LookedMs { get; set; }

    public string? Note { get; set; }

    public string? ReasonCode { get; set; }

    public string? AnswerJson { get; set; }

    /// <summary>The rejected handoff that this one repeats to measure attention: behind it is no action, and nothing of it can ever be done. Null for all others.</summary>
    public string? PlantedFrom { get; set; }

    public long Version { get; set; } = 1;
}
