using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>The names under which conditions speak of members.</summary>
internal static class Fields
{
    public const string ArgumentsPrefix = "arguments.";

    private static readonly FrozenDictionary<string, FieldId> ByName = new Dictionary<string, FieldId>
    {
        ["type"] = FieldId.Type,
        ["tool"] = FieldId.Tool,
        ["amount"] = FieldId.Amount,
        ["currency"] = FieldId.Currency,
        ["vendor"] = FieldId.Vendor,
        ["category"] = FieldId.Category,
        ["confidence"] = FieldId.Confidence,
        ["user"] = FieldId.User,
        ["agent"] = FieldId.Agent,
        ["agent_version"] = FieldId.AgentVersion,
        ["risk"] = FieldId.Risk,
        ["reasoning"] = FieldId.Reasoning,
        ["citations.count"] = FieldId.Citations,
        ["checks.failed"] = FieldId.FailedChecks,
        ["session.cost_usd"] = FieldId.CostUsd,
        ["session.turns"] = FieldId.Turns,
        ["session.steps"] = FieldId.Steps,
        ["session.tool_calls"] = FieldId.ToolCalls,
        ["session.context_tokens"] = FieldId.ContextTokens,
        ["session.taint"] = FieldId.Taint,
        ["session.age_seconds"] = FieldId.AgeSeconds,
        ["hour"] = FieldId.Hour,
        [Weekday] = FieldId.Weekday,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public const string Weekday = "weekday";

    /// <summary>All names but those of single arguments.</summary>
    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    public static bool IsKnown(string name) =>
        ByName.ContainsKey(name) || (name.StartsWith(ArgumentsPrefix, StringComparison.Ordinal) && !Path(name).Contains(""));

    public static FieldId Of(string name) => ByName.TryGetValue(name, out var id) ? id : FieldId.Argument;

    /// <summary>The member names and places in lists that lead to an argument.</summary>
    public static string[] Path(string name) => name[ArgumentsPrefix.Length..].Split('.');
}
