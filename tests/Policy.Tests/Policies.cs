using System.Globalization;
using System.Text.Json;
using Handrail.Policy;

namespace Handrail;

/// <summary>Policies and actions as tests write them: in the JSON that people and agents write.</summary>
internal static class Policies
{
    /// <summary>A Wednesday, half past two in the afternoon, UTC.</summary>
    public static readonly DateTimeOffset Noonish = new(2026, 1, 14, 14, 30, 0, TimeSpan.Zero);

    public static readonly SessionFacts Fresh = new("s-1") { CostUsd = 0, Turns = 0, Steps = 0, ToolCalls = 0, ContextTokens = 0, AgeSeconds = 0 };

    public static PolicyDocument Document(string json)
    {
        var parse = PolicyDocument.Parse(json);
        Assert.Empty(parse.Errors);
        return parse.Document!;
    }

    public static PolicyLayer Fleet(string json) => new(PolicyLayer.Fleet, 1, Document(json));

    public static PolicyLayer Agent(string json) => new(PolicyLayer.Agent, 1, Document(json));

    public static PolicyLayer[] Layers(params PolicyDocument[] documents) =>
        [.. documents.Select((document, index) => new PolicyLayer(index == 0 ? PolicyLayer.Fleet : PolicyLayer.Agent, 1, document))];

    public static PolicyDecision Decide(string policy, string action, SessionFacts? facts = null, DateTimeOffset? now = null) =>
        Gate.Decide([Fleet(policy)], Action(action), facts ?? Fresh, now ?? Noonish);

    public static PolicyDecision Decide(string policy, ActionRequest action) => Gate.Decide([Fleet(policy)], action, Fresh, Noonish);

    public static ActionRequest Action(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        return Action(parsed.RootElement);
    }

    public static ActionRequest Action(JsonElement json) => new(Text(json, "action_id") ?? "a-1", Text(json, "agent") ?? "desk", Text(json, "type") ?? "expense.approve")
    {
        AgentVersion = Text(json, "agent_version"),
        User = Text(json, "user"),
        Tool = Text(json, "tool"),
        Amount = Number(json, "amount"),
        Currency = Text(json, "currency"),
        Vendor = Text(json, "vendor"),
        Category = Text(json, "category"),
        Confidence = Number(json, "confidence"),
        Reasoning = Text(json, "reasoning"),
        CitationCount = json.TryGetProperty("citations", out var citations) ? citations.GetArrayLength() : 0,
        FailedChecks = json.TryGetProperty("checks", out var checks) ? checks.EnumerateArray().Count(check => !check.GetProperty("passed").GetBoolean()) : 0,
        Risk = Words.TryParse<Risk>(Text(json, "risk"), out var risk) ? risk : null,
        Arguments = json.TryGetProperty("arguments", out var arguments) ? arguments.Clone() : default,
    };

    public static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static decimal? Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetDecimal() : null;
}
