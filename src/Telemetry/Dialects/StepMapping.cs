namespace Handrail.Telemetry;

/// <summary>Makes a step of a span by asking the dialect table for each field.</summary>
internal static class StepMapping
{
    /// <param name="log">The row of the event when it is a log record; null for a span.</param>
    public static Step Map(
        ReadOnlySpan<byte> body, in SpanParts span, DateTimeOffset startedAt, DateTimeOffset endedAt,
        ResourceFacts resource, ScopeFacts scope, Scratch scratch, LogEvent? log = null)
    {
        AttributeSet attributes = scratch.Span;
        string spanId = Hex(body, span.SpanId);
        string? parentId = span.ParentSpanId.Length == 0 || IsZero(body, span.ParentSpanId) ? null : Hex(body, span.ParentSpanId);
        if (parentId == spanId)
            parentId = null;

        (TokenUsage usage, Dialect? speaksTokens) = Usage(new Facts(body, attributes, scratch), log);
        (StepKind kind, Dialect? dialect) = log?.Kind is { } logged ? (logged, log.Dialect) : Kind(new Facts(body, attributes, scratch));
        var facts = new Facts(body, attributes, scratch)
        {
            Kind = kind, Dialect = dialect, IsRoot = parentId is null, Name = span.Name,
        };
        string? requestModel = facts.Label(DialectTable.RequestModel);
        string? responseModel = facts.Label(DialectTable.ResponseModel) ?? Logged(facts, log?.Model);
        if (log is null && dialect is null && usage.IsKnown && (requestModel ?? responseModel) is not null)
        {
            kind = StepKind.Llm;
            dialect = speaksTokens;
        }

        string? toolName = Logged(facts, log?.ToolName) ?? facts.Label(DialectTable.ToolName);
        string? handoffTarget = kind == StepKind.Tool ? HandoffTarget(facts, toolName) : null;
        bool isTool = kind == StepKind.Tool;
        EventFacts events = scratch.Events.Count == 0 ? default : EventFacts.Read(body, scratch);
        bool failed = span.StatusCode == 2 || log is { Fails: true } || IsFailure(facts) || (events.HasException && span.StatusCode != 1);
        decimal? cost = facts.Amount(DialectTable.Cost);

        return new Step
        {
            TraceId = Hex(body, span.TraceId),
            SpanId = spanId,
            ParentSpanId = parentId,
            Name = scratch.Texts.Get(Cut(body, span.Name)),
            Telling = resource.Ledger is { } ledger && (log is null || log.Dialect != ledger.Dialect) ? Telling.Repeated : log is null ? Telling.Span : Telling.Log,
            CallId = log is not null ? facts.Label(log.CallId) : CallId(facts),
            Kind = handoffTarget is null ? kind : StepKind.Handoff,
            Dialect = dialect?.Name,
            StartedAt = startedAt,
            EndedAt = endedAt,
            Failed = failed,
            ErrorType = failed ? facts.Label(DialectTable.ErrorType) ?? events.ErrorType ?? Logged(facts, log?.ErrorType) : null,
            ErrorMessage = failed ? StatusMessage(body, span) ?? events.ErrorMessage ?? facts.Label(DialectTable.ErrorMessage) ?? Logged(facts, log?.ErrorMessage) : null,
            SessionId = facts.Label(DialectTable.Session),
            ResourceSessionId = resource.SessionId,
            AgentName = facts.Label(DialectTable.AgentName),
            AgentId = facts.Label(DialectTable.AgentId),
            AgentVersion = facts.Label(DialectTable.AgentVersion),
            ServiceName = resource.ServiceName,
            ServiceVersion = resource.ServiceVersion,
            EndUser = facts.Label(DialectTable.EndUser),
            Provider = Provider(facts) ?? log?.Dialect.Provider,
            RequestModel = requestModel,
            ResponseModel = responseModel,
            Usage = usage,
            ReportedCostUsd = cost == 0 && (failed || !usage.IsKnown) ? null : cost,
            ToolName = toolName,
            ToolCallId = facts.Label(DialectTable.ToolCallId),
            ToolArguments = isTool ? Content(facts, log?.Arguments, DialectTable.ToolArguments) : null,
            ToolResult = isTool ? Content(facts, log?.Result, DialectTable.ToolResult) : null,
            InputMessages = isTool ? null : Content(facts, log?.Input, DialectTable.InputMessages) ?? events.InputMessages,
            OutputMessages = isTool ? null : Content(facts, log?.Output, DialectTable.OutputMessages) ?? events.OutputMessages,
            SystemInstructions = isTool ? null : facts.Content(DialectTable.SystemInstructions),
            ToolDefinitions = isTool ? null : facts.Content(DialectTable.ToolDefinitions),
            FinishReasons = facts.List(DialectTable.FinishReasons),
            HandoffTarget = handoffTarget,
            LinkedTraceId = LinkedTrace(body, span, scratch),
            ScopeName = scope.Name,
            ScopeVersion = scope.Version,
            AttributesJson = StepJson.Write(body, span, resource.Json, scope.Json, scratch),
        };
    }

    public static bool IsZero(ReadOnlySpan<byte> body, Slice id) => !body.Slice(id.Start, id.Length).ContainsAnyExcept((byte)0);

    private static string? LinkedTrace(ReadOnlySpan<byte> body, in SpanParts span, Scratch scratch)
    {
        foreach (Slice link in scratch.Links)
        {
            Slice trace = LinkParts.Read(body, link, scratch).TraceId;
            if (trace.Length == 16 && !IsZero(body, trace) && !body.Slice(trace.Start, 16).SequenceEqual(body.Slice(span.TraceId.Start, 16)))
                return Hex(body, trace);
        }

        return null;
    }

    private static (StepKind Kind, Dialect? Dialect) Kind(Facts facts)
    {
        foreach (KindSource source in DialectTable.Kind)
        {
            if (facts.Label(source.Slot) is not { Length: > 0 } value)
                continue;
            if (source.Kinds.TryGetValue(value, out StepKind kind))
                return (kind, source.Dialect);
            if (source.Otherwise is { } otherwise)
                return (otherwise, source.Dialect);
        }

        return (StepKind.Other, null);
    }

    private static string? Logged(Facts facts, Source[]? sources) => sources is null ? null : facts.Label(sources);

    private static string? Content(Facts facts, Source[]? logged, Source[] spoken) =>
        (logged is null ? null : facts.Content(logged)) ?? facts.Content(spoken);

    /// <summary>A tool call by its id, any other by its request's; only where the dialect tells of it a second time.</summary>
    private static string? CallId(Facts facts) =>
        facts.Dialect != Dialect.ClaudeCode ? null : facts.Label(facts.Kind == StepKind.Tool ? DialectTable.ToolCallId : DialectTable.CallId);

    private static (TokenUsage Usage, Dialect? Dialect) Usage(Facts facts, LogEvent? log)
    {
        if (log?.Kind is not null)
        {
            return log.Tokens is null ? default : (Normalised(facts.Usage(log.Tokens), log.Dialect), log.Dialect);
        }

        foreach (TokenSource source in DialectTable.Tokens)
        {
            TokenUsage usage = facts.Usage(source);
            if (usage.IsKnown)
                return (Normalised(usage, source.Dialect), source.Dialect);
        }

        return default;
    }

    /// <summary>
    /// Makes input include the cache and output include reasoning. Where a part is larger than its whole, the sender
    /// counted it beside the whole, whatever its dialect promises.
    /// </summary>
    private static TokenUsage Normalised(TokenUsage usage, Dialect dialect)
    {
        long cache = (usage.CachedRead ?? 0) + (usage.CacheWrite ?? 0);
        long reasoning = usage.Reasoning ?? 0;
        return usage with
        {
            Input = dialect.InputExcludesCache || cache > usage.Input ? usage.Input + cache : usage.Input,
            Output = dialect.OutputExcludesReasoning || reasoning > usage.Output ? usage.Output + reasoning : usage.Output,
        };
    }

    private static bool IsFailure(Facts facts)
    {
        foreach (FailureSource failure in DialectTable.Failures)
        {
            if (facts.Says(failure))
                return true;
        }

        return false;
    }

    private static string? HandoffTarget(Facts facts, string? toolName)
    {
        if (facts.Label(DialectTable.HandoffTarget) is { } target)
            return target;
        foreach (string prefix in DialectTable.HandoffTools)
        {
            if (toolName is not null && toolName.Length > prefix.Length && toolName.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return toolName[prefix.Length..];
        }

        return null;
    }

    private static string? Provider(Facts facts) =>
        facts.Label(DialectTable.Provider) is not { } provider ? null
        : DialectTable.Providers.GetValueOrDefault(provider, provider);

    private static string? StatusMessage(ReadOnlySpan<byte> body, in SpanParts span) =>
        span.StatusMessage.Length == 0 ? null : TextPool.Decode(body.Slice(span.StatusMessage.Start, span.StatusMessage.Length));

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> body, Slice name)
    {
        ReadOnlySpan<byte> utf8 = body.Slice(name.Start, name.Length);
        return utf8[..TextPool.Cut(utf8, 1024)];
    }

    private static string Hex(ReadOnlySpan<byte> body, Slice id) => Convert.ToHexStringLower(body.Slice(id.Start, id.Length));
}
