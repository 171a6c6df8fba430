using System.Text.Json;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>A rule or limit that spoke, and what it said.</summary>
public sealed record ReasonText(string Rule, string Text);

/// <summary>What an agent is answered (contract: Asking the gate). <see cref="Proceed"/> is the only member it needs.</summary>
public sealed record ActionAnswer
{
    public required string ActionId { get; init; }

    public required string SessionId { get; init; }

    public required Verdict Verdict { get; init; }

    public Verdict? WouldBe { get; init; }

    public required ActionStatus Status { get; init; }

    public required bool Proceed { get; init; }

    public required IReadOnlyList<ReasonText> Reasons { get; init; }

    public required string PolicyVersion { get; init; }

    public string? HandoffId { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public JsonElement? Arguments { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public bool Edited { get; init; }

    /// <summary>A signed single-use proof for the system that carries the action out; null where none was issued.</summary>
    public string? Grant { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? Note { get; init; }

    public required ActionExecution Execution { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    public string? ClaimedBy { get; init; }

    /// <summary>Until when its result is awaited, once claimed.</summary>
    public DateTimeOffset? ReportBy { get; init; }

    /// <summary>What a person really did outside the console, where somebody reported it.</summary>
    public GroundTruth? GroundTruth { get; init; }

    /// <summary>The refused action that it may go around. Told to people alone: an agent is not to learn what is noticed of it.</summary>
    public PossibleBypass? PossibleBypass { get; init; }

    public static ActionAnswer Of(GatedAction action) => new()
    {
        ActionId = action.ActionId,
        SessionId = action.SessionId,
        Verdict = action.Verdict,
        WouldBe = action.WouldBe,
        Status = action.Status,
        Proceed = action.Proceed,
        Reasons = JsonText.Read<List<ReasonText>>(action.ReasonsJson) ?? [],
        PolicyVersion = action.PolicyVersion,
        HandoffId = action.HandoffId,
        ExpiresAt = action.ExpiresAt,
        Arguments = JsonText.Element(action.ArgumentsJson),
        Amount = action.Amount,
        Currency = action.Currency,
        Edited = action.Edited,
        DecidedBy = action.DecidedBy,
        DecidedAt = action.DecidedAt,
        Note = action.Note,
        Execution = action.Execution,
        ClaimedAt = action.ClaimedAt,
        ClaimedBy = action.ClaimedBy,
        ReportBy = action.ReportBy,
        GroundTruth = JsonText.Read<GroundTruth>(action.GroundTruthJson),
    };

    /// <summary>As it stands at this moment: what was let go and not carried out in time has expired.</summary>
    public static ActionAnswer Of(GatedAction action, DateTimeOffset now) =>
        action.HasLapsed(now) ? Of(action) with { Status = ActionStatus.Expired, Proceed = false } : Of(action);
}
