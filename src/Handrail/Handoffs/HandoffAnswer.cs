using System.Text.Json;
using Handrail.Actions;
using Handrail.Store;

namespace Handrail.Handoffs;

/// <summary>Who approved, and when.</summary>
public sealed record Approval(string By, DateTimeOffset At);

/// <summary>The agent's own words, never mixed with ours.</summary>
public sealed record AgentSays(string? Reasoning, JsonElement? Citations);

/// <summary>A handoff as it is shown (contract: People's calls).</summary>
public sealed record HandoffAnswer
{
    public required string HandoffId { get; init; }

    public required HandoffKind Kind { get; init; }

    public required HandoffStatus Status { get; init; }

    public required string SessionId { get; init; }

    public required string Agent { get; init; }

    public string? User { get; init; }

    public string? ActionId { get; init; }

    public string? Type { get; init; }

    public string? Summary { get; init; }

    public string? Detail { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public string? Vendor { get; init; }

    public string? Category { get; init; }

    public string? Risk { get; init; }

    public double? Confidence { get; init; }

    public JsonElement? Arguments { get; init; }

    public required IReadOnlyList<ReasonText> Reasons { get; init; }

    public required AgentSays AgentSays { get; init; }

    public JsonElement? Checks { get; init; }

    /// <summary>The refused action that its own may go around. Told to people alone: an agent is not to learn what is noticed of it.</summary>
    public PossibleBypass? PossibleBypass { get; init; }

    public JsonElement? Options { get; init; }

    public JsonElement? AnswerSchema { get; init; }

    public string? ClaimedBy { get; init; }

    public DateTimeOffset? ClaimedUntil { get; init; }

    /// <summary>The colleague to whom it was delegated, and by whom with which words.</summary>
    public string? AssignedTo { get; init; }

    public string? AssignedBy { get; init; }

    public string? AssignedNote { get; init; }

    public required IReadOnlyList<Approval> Approvals { get; init; }

    public int ApprovalsNeeded { get; init; }

    public string? Role { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? Decision { get; init; }

    public string? Note { get; init; }

    public string? ReasonCode { get; init; }

    public JsonElement? Answer { get; init; }

    public long Version { get; init; }

    /// <summary>As people see it.</summary>
    /// <param name="now">A claim that has run out is none.</param>
    public static HandoffAnswer ForPeople(Handoff handoff, DateTimeOffset now) => Of(handoff, now) with { PossibleBypass = JsonText.Read<PossibleBypass>(handoff.BypassJson) };

    /// <param name="now">A claim that has run out is none.</param>
    public static HandoffAnswer Of(Handoff handoff, DateTimeOffset now)
    {
        var claimed = handoff.Status == HandoffStatus.Open && handoff.ClaimedUntil > now;
        return new HandoffAnswer
        {
            HandoffId = handoff.Id,
            Kind = handoff.Kind,
            Status = handoff.Status,
            SessionId = handoff.SessionId,
            Agent = handoff.Agent,
            User = handoff.User,
            ActionId = handoff.ActionId,
            Type = handoff.Type,
            Summary = handoff.Summary,
            Detail = handoff.Detail,
            Amount = handoff.Amount,
            Currency = handoff.Currency,
            Vendor = handoff.Vendor,
            Category = handoff.Category,
            Risk = handoff.Risk,
            Confidence = handoff.Confidence,
            Arguments = JsonText.Element(handoff.ArgumentsJson),
            Reasons = JsonText.Read<List<ReasonText>>(handoff.ReasonsJson) ?? [],
            AgentSays = new AgentSays(handoff.Reasoning, JsonText.Element(handoff.CitationsJson)),
            Checks = JsonText.Element(handoff.ChecksJson),
            Options = JsonText.Element(handoff.OptionsJson),
            AnswerSchema = JsonText.Element(handoff.AnswerSchemaJson),
            ClaimedBy = claimed ? handoff.ClaimedBy : null,
            ClaimedUntil = claimed ? handoff.ClaimedUntil : null,
            AssignedTo = handoff.AssignedTo,
            AssignedBy = handoff.AssignedBy,
            AssignedNote = handoff.AssignedNote,
            Approvals = JsonText.Read<List<Approval>>(handoff.ApprovalsJson) ?? [],
            ApprovalsNeeded = handoff.ApprovalsNeeded,
            Role = handoff.Role,
            OpenedAt = handoff.OpenedAt,
            ExpiresAt = handoff.ExpiresAt,
            DecidedBy = handoff.DecidedBy,
            DecidedAt = handoff.DecidedAt,
            Decision = handoff.Decision,
            Note = handoff.Note,
            ReasonCode = handoff.ReasonCode,
            Answer = JsonText.Element(handoff.AnswerJson),
            Version = handoff.Version,
        };
    }
}
