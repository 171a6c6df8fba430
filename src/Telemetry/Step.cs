namespace Handrail.Telemetry;

/// <summary>
/// One span (or one log event that stands for a call), read from whatever dialect it came in. What only the whole trace
/// can tell (the session of a span that names none, the nearest agent, whether its tokens count) is not here but in
/// <see cref="TraceReading"/>.
/// </summary>
public sealed record Step
{
    /// <summary>Trace id, 32 lower-case hex digits.</summary>
    public required string TraceId { get; init; }

    /// <summary>Span id, 16 lower-case hex digits.</summary>
    public required string SpanId { get; init; }

    /// <summary>Parent span id, or null for a root.</summary>
    public string? ParentSpanId { get; init; }

    public required string Name { get; init; }

    /// <summary>Which of several tellings of a call this is.</summary>
    public Telling Telling { get; init; }

    /// <summary>What the span and the log event of one call have in common; null where a dialect tells of a call only once.</summary>
    public string? CallId { get; init; }

    public StepKind Kind { get; init; }

    /// <summary>Name of the row of the dialect table that recognised the span; null when none did.</summary>
    public string? Dialect { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Never before <see cref="StartedAt"/>.</summary>
    public DateTimeOffset EndedAt { get; init; }

    public bool Failed { get; init; }

    public string? ErrorType { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>The session that the span itself names.</summary>
    public string? SessionId { get; init; }

    /// <summary>The session that the resource names: used only when nothing in the trace names one.</summary>
    public string? ResourceSessionId { get; init; }

    /// <summary>The agent that the span itself names.</summary>
    public string? AgentName { get; init; }

    public string? AgentId { get; init; }

    public string? AgentVersion { get; init; }

    /// <summary>The resource's <c>service.name</c>: the agent of last resort.</summary>
    public string? ServiceName { get; init; }

    public string? ServiceVersion { get; init; }

    /// <summary>The person on whose behalf the agent works.</summary>
    public string? EndUser { get; init; }

    public string? Provider { get; init; }

    public string? RequestModel { get; init; }

    public string? ResponseModel { get; init; }

    public TokenUsage Usage { get; init; }

    /// <summary>Cost in USD that the sender reported for this call; wins over a computed one.</summary>
    public decimal? ReportedCostUsd { get; init; }

    public string? ToolName { get; init; }

    public string? ToolCallId { get; init; }

    /// <summary>Arguments of a tool call as JSON or text, as sent.</summary>
    public string? ToolArguments { get; init; }

    public string? ToolResult { get; init; }

    /// <summary>Messages in, as JSON or text, as sent.</summary>
    public string? InputMessages { get; init; }

    public string? OutputMessages { get; init; }

    /// <summary>System instructions, where they are sent apart from the messages.</summary>
    public string? SystemInstructions { get; init; }

    /// <summary>What the model was told of its tools, as sent.</summary>
    public string? ToolDefinitions { get; init; }

    /// <summary>Finish reasons, comma-separated.</summary>
    public string? FinishReasons { get; init; }

    /// <summary>Who a handoff step hands over to.</summary>
    public string? HandoffTarget { get; init; }

    /// <summary>Another trace that the span links to, the first of them: what it goes on from.</summary>
    public string? LinkedTraceId { get; init; }

    /// <summary>Instrumentation scope name and version.</summary>
    public string? ScopeName { get; init; }

    public string? ScopeVersion { get; init; }

    /// <summary>
    /// Everything the span carried as one JSON object: <c>attributes</c>, <c>status</c>, <c>events</c>, <c>links</c>,
    /// <c>span_kind</c>, <c>trace_state</c>, <c>resource</c> and <c>scope</c> attributes; members without content are left
    /// out. An attribute that <see cref="ToolArguments"/>, <see cref="ToolResult"/>, <see cref="InputMessages"/>,
    /// <see cref="OutputMessages"/>, <see cref="SystemInstructions"/> or <see cref="ToolDefinitions"/> holds is not repeated. Texts over 64 KiB are cut, with a mark; of very many attributes,
    /// events and links the rest is counted in <c>dropped_attributes</c>, <c>dropped_events</c> and <c>dropped_links</c>.
    /// </summary>
    public string AttributesJson { get; init; } = "{}";
}

/// <summary>By which signal a call is told of. One call may be told of by a span and by a log event, and counts once.</summary>
public enum Telling
{
    /// <summary>A span, which counts.</summary>
    Span,

    /// <summary>A log event: it counts unless a span of its trace tells of the same call.</summary>
    Log,

    /// <summary>For the waterfall alone: the calls of this sender are counted by another signal.</summary>
    Repeated,
}
