namespace Handrail.Telemetry;

/// <summary>The fields that the mapping is told of, and where each is looked for.</summary>
public static class CoverageFields
{
    /// <summary>What a reader of the panel misses most: a total, a limit or a page hangs on each of these.</summary>
    public const string Session = "session";
    public const string InputTokens = "input tokens";

    /// <summary>The last member: on tool steps only, or on all others only; null for all.</summary>
    internal static readonly (string Field, Source[] Sources, bool? OnTools)[] All =
    [
        (Session, DialectTable.Session, null),
        ("agent", DialectTable.AgentName, null),
        ("agent version", DialectTable.AgentVersion, null),
        ("user", DialectTable.EndUser, null),
        ("provider", DialectTable.Provider, null),
        ("model asked", DialectTable.RequestModel, null),
        ("model answered", DialectTable.ResponseModel, null),
        (InputTokens, [.. DialectTable.Tokens.SelectMany(t => t.Input)], null),
        ("output tokens", [.. DialectTable.Tokens.SelectMany(t => t.Output)], null),
        ("cached tokens", [.. DialectTable.Tokens.SelectMany(t => t.CachedRead)], null),
        ("reasoning tokens", [.. DialectTable.Tokens.SelectMany(t => t.Reasoning)], null),
        ("cost", DialectTable.Cost, null),
        ("tool", DialectTable.ToolName, null),
        ("tool arguments", DialectTable.ToolArguments, true),
        ("tool result", DialectTable.ToolResult, true),
        ("messages in", DialectTable.InputMessages, false),
        ("messages out", DialectTable.OutputMessages, false),
        ("system instructions", DialectTable.SystemInstructions, false),
        ("tool definitions", DialectTable.ToolDefinitions, false),
    ];

    private static readonly Dictionary<string, string[]> Names = All.ToDictionary(
        f => f.Field, f => f.Sources.Select(s => s.AttributeName).Distinct().ToArray());

    /// <summary>The fields, in the order in which they are shown.</summary>
    public static IEnumerable<string> Fields => All.Select(f => f.Field);

    /// <summary>The attributes that a field is looked for in, the preferred one first.</summary>
    public static IReadOnlyList<string> LookedFor(string field) => Names.GetValueOrDefault(field, []);
}
