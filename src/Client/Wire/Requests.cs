using System.Text.Json.Nodes;
using Handrail.Policy;

namespace Handrail.Client.Wire;

internal sealed record SessionRequest(
    string Agent, string? AgentVersion, string? User, string? Title, string? ParentSessionId, JsonObject? Metadata);

internal sealed record ActionRequest(
    string ActionId,
    string Agent,
    string? AgentVersion,
    string? User,
    string Type,
    string? Tool,
    string? Summary,
    decimal? Amount,
    string? Currency,
    string? Vendor,
    string? Category,
    double? Confidence,
    string? Reasoning,
    IReadOnlyList<ActionCitation>? Citations,
    JsonObject? Arguments,
    string? Risk,
    IReadOnlyList<ActionCheck>? Checks)
{
    public static ActionRequest From(AgentAction action, string id, string? user, HandrailClientOptions options) => new(
        id,
        options.Agent,
        options.AgentVersion,
        action.User ?? user,
        action.Type,
        action.Tool,
        action.Summary,
        action.Amount,
        action.Currency,
        action.Vendor,
        action.Category,
        action.Confidence,
        action.Reasoning,
        action.Citations.Count > 0 ? action.Citations : null,
        action.Arguments,
        Names.Of(action.Risk),
        action.Checks.Count > 0 ? action.Checks : null);
}

internal sealed record ResultRequest(string Status, JsonNode? Output, string? Error);

internal sealed record CostsRequest(IReadOnlyList<CostRequest> Events);

internal sealed record CostRequest(
    string Id,
    string SessionId,
    string Agent,
    DateTimeOffset At,
    string Kind,
    string Name,
    decimal Amount,
    string Currency,
    long? InputTokens,
    long? OutputTokens,
    JsonObject? Metadata)
{
    public static CostRequest From(CostEvent cost, string id, string sessionId, string agent, DateTimeOffset now) => new(
        id,
        sessionId,
        agent,
        cost.At ?? now,
        Names.Of(cost.Kind),
        cost.Name,
        cost.Amount,
        cost.Currency,
        cost.InputTokens,
        cost.OutputTokens,
        cost.Metadata);
}

internal sealed record MessagesRequest(IReadOnlyList<MessageRequest> Messages);

internal sealed record MessageRequest(string Id, string Role, string Text, DateTimeOffset At);

internal sealed record EndRequest(string Outcome, string? Summary, Money? Value, ProducedUnits? Units);

internal sealed record HandoffRequest(
    string HandoffId,
    string Agent,
    string Kind,
    string Summary,
    string? Detail,
    IReadOnlyList<QuestionOption>? Options,
    JsonObject? AnswerSchema,
    double? Confidence)
{
    public static HandoffRequest From(PersonQuestion question, string id, string agent) => new(
        id,
        agent,
        Names.Of(question.Kind),
        question.Summary,
        question.Detail,
        question.Options.Count > 0 ? question.Options : null,
        question.AnswerSchema,
        question.Confidence);
}

internal sealed record AckRequest(long Seq);
