using System.Text.Json;
using Handrail.Actions;
using Handrail.Store;

namespace Handrail.Grants;

/// <summary>What a claim covers: this and nothing else is to be carried out, once.</summary>
public sealed record ClaimAnswer
{
    public required string SessionId { get; init; }

    public required string ActionId { get; init; }

    public required string Type { get; init; }

    public string? Tool { get; init; }

    public required string Agent { get; init; }

    public string? User { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    /// <summary>As decided: a person's, where one edited them.</summary>
    public JsonElement? Arguments { get; init; }

    public required string ArgsSha256 { get; init; }

    public required ActionStatus Status { get; init; }

    public required ActionExecution Execution { get; init; }

    public DateTimeOffset? ClaimedAt { get; init; }

    public string? ClaimedBy { get; init; }

    /// <summary>Until when a result is awaited; then what became of it is unknown.</summary>
    public DateTimeOffset? ReportBy { get; init; }

    public static ClaimAnswer Of(GatedAction action) => new()
    {
        SessionId = action.SessionId,
        ActionId = action.ActionId,
        Type = action.Type,
        Tool = action.Tool,
        Agent = action.Agent,
        User = action.User,
        Amount = action.Amount,
        Currency = action.Currency,
        Arguments = JsonText.Element(action.ArgumentsJson),
        ArgsSha256 = Grant.DigestOf(action),
        Status = action.Status,
        Execution = action.Execution,
        ClaimedAt = action.ClaimedAt,
        ClaimedBy = action.ClaimedBy,
        ReportBy = action.ReportBy,
    };
}
