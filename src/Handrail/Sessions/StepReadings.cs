using System.Text.Json;
using System.Text.Json.Serialization;
using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>A step as the waterfall and the API show it.</summary>
public sealed record SessionStep
{
    public required string TraceId { get; init; }

    public required string SpanId { get; init; }

    public string? ParentSpanId { get; init; }

    /// <summary>How many known ancestors it has within its trace.</summary>
    public int Depth { get; init; }

    public required StepKind Kind { get; init; }

    public required string Name { get; init; }

    public string? Agent { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    /// <summary>Milliseconds, to the microsecond.</summary>
    public double DurationMs => (EndedAt - StartedAt).TotalMilliseconds;

    /// <summary>When the console committed it.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    public bool Failed { get; init; }

    public string? ErrorType { get; init; }

    public string? ErrorMessage { get; init; }

    public string? Provider { get; init; }

    /// <summary>The model that answered, or the one asked where the answer named none.</summary>
    public string? Model { get; init; }

    public string? RequestModel { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? CachedTokens { get; init; }

    public long? CacheWriteTokens { get; init; }

    public long? ReasoningTokens { get; init; }

    /// <summary>Null is unknown, which is not zero.</summary>
    public decimal? CostUsd => CostNanos / 1_000_000_000m;

    /// <summary>The same in billionths of a US dollar.</summary>
    [JsonIgnore]
    public long? CostNanos { get; init; }

    /// <summary>The cost is the sender's own figure.</summary>
    public bool CostReported { get; init; }

    /// <summary>Its tokens are in the session's totals; a parent's that repeats its children's are not.</summary>
    public bool Counts { get; init; }

    public string? Tool { get; init; }

    public string? HandoffTarget { get; init; }

    /// <summary>What its input was made of; null where the messages were not sent.</summary>
    [JsonIgnore]
    public TokenOrigins? Origins { get; init; }

    /// <summary>What reading from the cache saved, in billionths of a US dollar by the price table; null where nothing was read from it or the price is not known.</summary>
    [JsonIgnore]
    public long? SavedNanos { get; init; }

    /// <summary>It had not ended at the moment that was asked for: what only its end told is left out.</summary>
    [JsonIgnore]
    public bool Unfinished { get; init; }

    /// <summary>Which convention of spans it was read by; null when none knew it.</summary>
    public string? Dialect { get; init; }
}

/// <summary>A page of steps in the order they began, and where the next one starts.</summary>
public sealed record StepPage(IReadOnlyList<SessionStep> Items, string? NextCursor);

/// <summary>What a step said and carried, as its sender wrote it: hostile until shown otherwise.</summary>
public sealed record StepContentReading
{
    public string? InputMessages { get; init; }

    public string? OutputMessages { get; init; }

    public string? SystemInstructions { get; init; }

    public string? ToolDefinitions { get; init; }

    public string? ToolCallId { get; init; }

    public string? ToolArguments { get; init; }

    public string? ToolResult { get; init; }

    public string? FinishReasons { get; init; }

    public string? AgentId { get; init; }

    public string? AgentVersion { get; init; }

    public string? Scope { get; init; }

    /// <summary>Everything the span carried: attributes, events, links, resource.</summary>
    public JsonElement? Attributes { get; init; }

    /// <summary>What was said is there, but not for this reader.</summary>
    [JsonIgnore]
    public bool Withheld { get; init; }

    /// <summary>That something was said, without what: for those who lack the right to read it.</summary>
    internal StepContentReading WithoutWords() => new() { Scope = Scope, AgentId = AgentId, AgentVersion = AgentVersion, FinishReasons = FinishReasons, ToolCallId = ToolCallId, Withheld = true };
}

/// <summary>A line of the live transcript.</summary>
/// <param name="Text">Empty for those who may not read what was said.</param>
public sealed record TranscriptLine(string Id, string Role, string Text, DateTimeOffset At)
{
    /// <summary>The person at the console who wrote it.</summary>
    public string? By { get; init; }

    /// <summary>Whom that person wrote to: <c>user</c> or <c>agent</c>.</summary>
    public string? To { get; init; }
}
