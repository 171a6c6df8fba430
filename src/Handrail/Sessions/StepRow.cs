using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>
/// A step as stored, with what the whole trace said of it. Trace and span name it: the same span sent twice is one row, which the writer
/// sees to while it holds the trace. The time is part of the key because PostgreSQL keeps each day's rows apart (<see cref="StepDays"/>).
/// </summary>
public sealed class StepRow
{
    public required string TraceId { get; set; }

    public required string SpanId { get; set; }

    public string? ParentSpanId { get; set; }

    public required string SessionId { get; set; }

    /// <summary>The session that the span itself named, if any.</summary>
    public string? OwnSession { get; set; }

    public string? ResourceSession { get; set; }

    public StepKind Kind { get; set; }

    /// <summary>By which signal the call was told of.</summary>
    public Telling Telling { get; set; }

    /// <summary>What the span and the log event of one call have in common.</summary>
    public string? CallId { get; set; }

    /// <summary>It stands for itself; false for another telling of a call that counts elsewhere.</summary>
    public bool IsOwn { get; set; } = true;

    public required string Name { get; set; }

    public string? Dialect { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset EndedAt { get; set; }

    /// <summary>When we committed it: what the scrubber means by "known then".</summary>
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>By its own word, or by another telling's of the same call.</summary>
    public bool Failed { get; set; }

    public string? ErrorType { get; set; }

    public string? ErrorMessage { get; set; }

    /// <summary>The agent that the trace says did it.</summary>
    public string? Agent { get; set; }

    public string? OwnAgent { get; set; }

    public string? ServiceName { get; set; }

    public string? EndUser { get; set; }

    public string? Provider { get; set; }

    public string? RequestModel { get; set; }

    public string? ResponseModel { get; set; }

    public long? InputTokens { get; set; }

    public long? OutputTokens { get; set; }

    public long? CachedTokens { get; set; }

    public long? CacheWriteTokens { get; set; }

    public long? ReasoningTokens { get; set; }

    /// <summary>Cost in billionths of a US dollar: the sender's if it gave one, else ours; null is unknown.</summary>
    public long? CostNanos { get; set; }

    /// <summary>The sender's own figure.</summary>
    public long? ReportedCostNanos { get; set; }

    /// <summary>It is counted as a call and its tokens are in the session's totals: the innermost step of a call, not a parent that repeats it.</summary>
    public bool Counts { get; set; }

    /// <summary>Its cost is in the session's totals.</summary>
    public bool CountsCost { get; set; }

    public string? ToolName { get; set; }

    public string? HandoffTarget { get; set; }

    /// <summary>The print of what was called or asked (<see cref="ContentPrint"/>): what loops are found by. Null where that is not known.</summary>
    public long? Asked { get; set; }

    /// <summary>The print of what came back.</summary>
    public long? Got { get; set; }

    /// <summary>What a model call's input was made of, as <see cref="TokenOrigins"/> packs it; null where the messages were not sent.</summary>
    public byte[]? Origins { get; set; }
}

/// <summary>What steps of a trace said and carried that came in together: apart from the steps, so that lists never read it.</summary>
public sealed class StepContent
{
    public required string TraceId { get; set; }

    /// <summary>The first of the steps.</summary>
    public required string SpanId { get; set; }

    /// <summary>The steps' own.</summary>
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>As <see cref="ContentChunk"/> packs it; its first byte says how.</summary>
    public required byte[] Body { get; set; }
}
