using System.Text.Json;
using Handrail.Policy;

namespace Handrail.Actions;

public enum ActionStatus
{
    Allowed,
    Denied,
    Shadowed,
    Stopped,
    Pending,
    Approved,
    Rejected,
    TakenOver,
    Expired,
    Cancelled,
}

/// <summary>Decided is not done: what is known of the carrying out.</summary>
public enum ActionExecution
{
    None,
    Claimed,
    Succeeded,
    Failed,
    Unknown,
}

/// <summary>An action that an agent asked for, what was decided on it and by whom, and what became of it.</summary>
public sealed class GatedAction
{
    public required string SessionId { get; set; }

    /// <summary>The agent's own id: an idempotency key within the session.</summary>
    public required string ActionId { get; set; }

    /// <summary>SHA-256 over the canonical JSON of the request's body: another body under the same id is refused.</summary>
    public required string Digest { get; set; }

    public required string Team { get; set; }

    public required string Agent { get; set; }

    public string? AgentVersion { get; set; }

    public string? User { get; set; }

    public required string Type { get; set; }

    public string? Tool { get; set; }

    public string? Summary { get; set; }

    public decimal? Amount { get; set; }

    public string? Currency { get; set; }

    public string? Vendor { get; set; }

    public string? Category { get; set; }

    public double? Confidence { get; set; }

    public string? Reasoning { get; set; }

    public string? CitationsJson { get; set; }

    public string? ArgumentsJson { get; set; }

    public string? ChecksJson { get; set; }

    /// <summary>As <see cref="PossibleBypass.PrintOf"/> gives it of what was asked, where the action was not let go at once: what later ones are compared with.</summary>
    public long? ArgumentsPrint { get; set; }

    /// <summary>The refused action that it may go around, a <see cref="PossibleBypass"/>; null where there is none.</summary>
    public string? BypassJson { get; set; }

    /// <summary>The effective risk: the tool's entry can raise what the agent said.</summary>
    public required string Risk { get; set; }

    /// <summary>The risk that the agent stated; null when it stated none. Another policy may make another risk of it.</summary>
    public string? StatedRisk { get; set; }

    public Verdict Verdict { get; set; }

    /// <summary>Under shadow: what the verdict would have been at level 4.</summary>
    public Verdict? WouldBe { get; set; }

    public ActionStatus Status { get; set; }

    /// <summary>Every reason, the winner first: <c>[{"rule","text"}]</c>.</summary>
    public required string ReasonsJson { get; set; }

    /// <summary>Fleet's and agent's version: <c>3.17</c>.</summary>
    public required string PolicyVersion { get; set; }

    /// <summary>The session's facts at that moment: what previews and replays decide by.</summary>
    public required string FactsJson { get; set; }

    /// <summary>Budgets reserved by this action: <c>[{"key","amount"}]</c>.</summary>
    public string? BudgetsJson { get; set; }

    public string? HandoffId { get; set; }

    /// <summary>Until when a person may decide, or, once it may go, until when it may be carried out.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public string? DecidedBy { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    public string? Note { get; set; }

    public bool Edited { get; set; }

    /// <summary>What a person's edit replaced, an <see cref="AskedFor"/>; null while the action is as the agent asked.</summary>
    public string? AskedJson { get; set; }

    /// <summary>A person looks at it afterwards.</summary>
    public bool Sampled { get; set; }

    public ActionExecution Execution { get; set; }

    public DateTimeOffset? ClaimedAt { get; set; }

    /// <summary>The name of the key that claimed it.</summary>
    public string? ClaimedBy { get; set; }

    /// <summary>The claim's own id, which the claimant chose: the same claim again, whose answer was lost, is known by it.</summary>
    public string? ClaimId { get; set; }

    /// <summary>Until when a result is awaited; then what became of it is unknown.</summary>
    public DateTimeOffset? ReportBy { get; set; }

    public DateTimeOffset? ExecutedAt { get; set; }

    public string? OutputJson { get; set; }

    public string? Error { get; set; }

    /// <summary>What a person really did outside the console, a <see cref="GroundTruth"/>.</summary>
    public string? GroundTruthJson { get; set; }

    /// <summary>
    /// What people said of the action as the agent asked it: by deciding on it here, by looking at it afterwards, or outside, which then is what counts. Null where nobody did.
    /// </summary>
    public PeopleDecision? People { get; set; }

    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>True for allowed and approved, false for everything else.</summary>
    public bool Proceed => Status is ActionStatus.Allowed or ActionStatus.Approved;

    /// <summary>True when it may go, its time is known not to be over and nobody has begun to carry it out.</summary>
    public bool IsClaimable(DateTimeOffset now) => Proceed && Execution == ActionExecution.None && ExpiresAt > now;

    /// <summary>True when it was let go and nobody carried it out, claimed it or reported it before its time was over.</summary>
    public bool HasLapsed(DateTimeOffset now) => IsLapsed(Status, Execution, ExpiresAt, now);

    internal static bool IsLapsed(ActionStatus status, ActionExecution execution, DateTimeOffset? expiresAt, DateTimeOffset now) =>
        status is ActionStatus.Allowed or ActionStatus.Approved && execution == ActionExecution.None && expiresAt <= now;
}

/// <summary>What the agent asked and a person changed.</summary>
public sealed record AskedFor(decimal? Amount, JsonElement? Arguments);

/// <summary>What was let go under a limit's <c>max_total</c> within one period.</summary>
public sealed class Budget
{
    /// <summary>Layer, limit and period, as <c>Handrail.Policy</c> names them.</summary>
    public required string Key { get; set; }

    public decimal Reserved { get; set; }

    public required string Currency { get; set; }
}
