using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>
/// Reads what the OpenAI Agents SDK's own exporter sends (<c>{"data":[{"object":"trace",…},{"object":"trace.span",…}]}</c>): no OTLP, but
/// its users only have to change the address. An item that can't be used is rejected alone.
/// </summary>
public static class AgentsSdkTraces
{
    private const string DialectName = "openai-agents";
    private const int LongestText = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    private static readonly Dictionary<string, StepKind> Kinds = new(StringComparer.Ordinal)
    {
        ["agent"] = StepKind.Agent,
        ["generation"] = StepKind.Llm,
        ["response"] = StepKind.Llm,
        ["function"] = StepKind.Tool,
        ["handoff"] = StepKind.Handoff,
        ["guardrail"] = StepKind.Guardrail,
    };

    /// <summary>Reads one request.</summary>
    /// <param name="body">JSON in UTF-8.</param>
    /// <param name="now">When it arrived: the time of items that have none.</param>
    /// <param name="userAgent">The request's <c>User-Agent</c>, which alone names the SDK's language and version.</param>
    /// <exception cref="OtlpFormatException">The body is not JSON, or has no list <c>data</c>.</exception>
    public static OtlpReadResult ReadJson(ReadOnlyMemory<byte> body, DateTimeOffset now, string? userAgent = null)
    {
        using JsonDocument document = Parse(body);
        IReadOnlyList<JsonElement> items = Items(document.RootElement);
        var steps = new List<Step>();
        var reasons = new SortedSet<string>(StringComparer.Ordinal);
        int rejected = 0;
        var coverage = new SenderCoverage();
        foreach (JsonElement item in items)
        {
            try
            {
                if (Read(item, now) is { } step)
                {
                    AgentsSdkCoverage.Look(item, step, coverage);
                    steps.Add(step);
                }
                else
                {
                    coverage.LeftOut++;
                }
            }
            catch (Exception bad) when (bad is FormatException or InvalidOperationException)
            {
                // InvalidOperationException: half of a surrogate pair, written as an escape.
                rejected++;
                reasons.Add(bad is FormatException ? bad.Message : "a text is not Unicode");
            }
        }

        TimeTraces(steps);
        return new OtlpReadResult(steps, rejected, rejected == 0 ? null : string.Join("; ", reasons))
        {
            LeftOut = (int)coverage.LeftOut,
            Coverage = new Dictionary<SenderName, SenderCoverage> { [AgentsSdkCoverage.Sender(userAgent)] = coverage },
        };
    }

    /// <summary>A trace itself has no time: it lasts as long as the spans of it that came along.</summary>
    private static void TimeTraces(List<Step> steps)
    {
        Dictionary<string, (DateTimeOffset From, DateTimeOffset To)> times = steps.Where(s => s.ParentSpanId is not null).GroupBy(s => s.TraceId)
            .ToDictionary(trace => trace.Key, trace => (trace.Min(s => s.StartedAt), trace.Max(s => s.EndedAt)));
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] is { Kind: StepKind.Workflow, ParentSpanId: null } trace && times.TryGetValue(trace.TraceId, out (DateTimeOffset From, DateTimeOffset To) time))
                steps[i] = trace with { StartedAt = time.From, EndedAt = time.To };
        }
    }

    /// <summary>Of every list <c>data</c>: what is acknowledged may not be lost because the name stands there twice.</summary>
    private static List<JsonElement> Items(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new OtlpFormatException("The body has no list 'data'.");
        try
        {
            List<JsonElement> lists = [.. root.EnumerateObject().Where(m => m.NameEquals("data"u8) && m.Value.ValueKind == JsonValueKind.Array).Select(m => m.Value)];
            return lists.Count > 0 ? [.. lists.SelectMany(l => l.EnumerateArray())] : throw new OtlpFormatException("The body has no list 'data'.");
        }
        catch (InvalidOperationException broken)
        {
            throw new OtlpFormatException("A member's name in the body is not Unicode.", broken);
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException broken)
        {
            throw new OtlpFormatException("The body is not JSON.", broken);
        }
    }

    /// <summary>Null for an object that is neither a trace nor a span.</summary>
    private static Step? Read(JsonElement item, DateTimeOffset now) => item.ValueKind != JsonValueKind.Object
        ? throw new FormatException("an item is not an object")
        : Text(item, "object") switch
        {
            "trace" => Trace(item, now),
            "trace.span" => Span(item, now),
            _ => null,
        };

    /// <summary>The trace itself, which alone names the session: the root of its spans.</summary>
    private static Step Trace(JsonElement item, DateTimeOffset now)
    {
        string id = Required(item, "id");
        return new Step
        {
            TraceId = Hex(id, 32),
            SpanId = Hex(id, 16),
            Name = Text(item, "workflow_name") ?? "Agent workflow",
            Kind = StepKind.Workflow,
            Dialect = DialectName,
            StartedAt = now,
            EndedAt = now,
            SessionId = Text(item, "group_id"),
            EndUser = Member(item, "metadata") is { ValueKind: JsonValueKind.Object } metadata ? Text(metadata, "user_id") ?? Text(metadata, "userId") : null,
            ServiceName = Text(item, "workflow_name"),
            AttributesJson = Raw(item),
        };
    }

    private static Step Span(JsonElement item, DateTimeOffset now)
    {
        string trace = Required(item, "trace_id");
        JsonElement data = Member(item, "span_data") is { ValueKind: JsonValueKind.Object } given ? given : throw new FormatException("a span has no span_data");
        string type = Text(data, "type") ?? throw new FormatException("a span's span_data has no type");
        DateTimeOffset start = Time(item, "started_at") ?? now;
        DateTimeOffset end = Time(item, "ended_at") is { } ended && ended > start ? ended : start;
        if (end > now + OtlpTime.MostAhead)
            throw new FormatException("a time is more than a day in the future");
        StepKind kind = Kinds.GetValueOrDefault(type, StepKind.Other);
        JsonElement inner = Member(data, "data") is { ValueKind: JsonValueKind.Object } custom ? custom : data;
        JsonElement? error = Member(item, "error") is { ValueKind: JsonValueKind.Object } failure ? failure : null;
        bool isTool = kind is StepKind.Tool or StepKind.Handoff;
        JsonElement? completion = Completion(data);
        return new Step
        {
            TraceId = Hex(trace, 32),
            SpanId = Hex(Required(item, "id"), 16),
            ParentSpanId = Text(item, "parent_id") is { } parent ? Hex(parent, 16) : Hex(trace, 16),
            Name = Text(data, "name") ?? type,
            Kind = kind,
            Dialect = DialectName,
            StartedAt = start,
            EndedAt = end,
            Failed = error is not null,
            ErrorMessage = error is { } why ? ErrorText(why) : null,
            AgentName = kind == StepKind.Agent ? Text(data, "name") : Text(inner, "agent_name") ?? (kind == StepKind.Handoff ? Text(data, "from_agent") : null),
            Provider = kind == StepKind.Llm ? "openai" : null,
            RequestModel = Text(inner, "model"),
            ResponseModel = completion is { } answered ? Text(answered, "model") : null,
            Usage = Usage((completion is { } whole ? Member(whole, "usage") : null) ?? Member(inner, "usage") ?? default),
            ToolName = kind == StepKind.Tool ? Text(data, "name") : null,
            ToolArguments = isTool ? Content(data, "input") : null,
            ToolResult = isTool ? Content(data, "output") : null,
            InputMessages = kind == StepKind.Llm ? Content(data, "input") : null,
            OutputMessages = kind == StepKind.Llm ? Content(data, "output") : null,
            HandoffTarget = kind == StepKind.Handoff ? Text(data, "to_agent") : null,
            AttributesJson = Raw(item),
        };
    }

    /// <summary>
    /// A generation's output is the whole answer of the Chat Completions API, with the model that answered and with token counts that the
    /// span's own usage may lack.
    /// </summary>
    private static JsonElement? Completion(JsonElement data) =>
        Member(data, "output") is { ValueKind: JsonValueKind.Array } output && output.GetArrayLength() > 0
        && output[0] is { ValueKind: JsonValueKind.Object } answer && Text(answer, "object") == "chat.completion" ? answer : null;

    /// <summary>What went wrong is told in <c>data.error</c>; the message may only say where.</summary>
    private static string? ErrorText(JsonElement error)
    {
        string? message = Text(error, "message");
        string? cause = Member(error, "data") is { ValueKind: JsonValueKind.Object } data ? Text(data, "error") : null;
        return cause is null ? message : message is null ? cause : $"{message}: {cause}";
    }

    private static TokenUsage Usage(JsonElement usage)
    {
        if (usage.ValueKind != JsonValueKind.Object)
            return default;
        JsonElement rest = Member(usage, "details") is { ValueKind: JsonValueKind.Object } details ? details : usage;
        return new TokenUsage(
            Count(usage, "input_tokens") ?? Count(usage, "prompt_tokens"),
            Count(usage, "output_tokens") ?? Count(usage, "completion_tokens"),
            Count(usage, "cached_input_tokens") ?? Detail(rest, "input_tokens_details", "cached_tokens") ?? Detail(rest, "prompt_tokens_details", "cached_tokens"),
            Count(usage, "cache_write_input_tokens"),
            Count(usage, "reasoning_output_tokens") ?? Detail(rest, "output_tokens_details", "reasoning_tokens")
                ?? Detail(rest, "completion_tokens_details", "reasoning_tokens"));
    }

    private static long? Detail(JsonElement usage, string member, string count) =>
        Member(usage, member) is { ValueKind: JsonValueKind.Object } details ? Count(details, count) : null;

    private static long? Count(JsonElement of, string member) =>
        Member(of, member) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long count) && count is >= 0 and <= Facts.MaxTokens ? count : null;

    private static DateTimeOffset? Time(JsonElement of, string member) =>
        Text(of, member) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time
        : throw new FormatException($"'{member}' is no ISO 8601 time");

    private static string Required(JsonElement of, string member) => Text(of, member) ?? throw new FormatException($"an item has no '{member}'");

    private static string? Text(JsonElement of, string member) =>
        Member(of, member) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } said ? said.Replace('\0', '\uFFFD') : null;

    private static string? Content(JsonElement of, string member) => Member(of, member) switch
    {
        null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => other.GetRawText(),
    };

    private static JsonElement? Member(JsonElement of, string member) => of.TryGetProperty(member, out JsonElement value) ? value : null;

    private static string Raw(JsonElement item)
    {
        string text = item.GetRawText();
        return text.Length <= LongestText ? $$"""{"attributes":{{text}}}""" : """{"attributes":{},"dropped_attributes":1}""";
    }

    /// <summary>Its ids are words with hex behind (<c>trace_…</c>, <c>span_…</c>): the hex where it is as long as ours, else a digest.</summary>
    private static string Hex(string id, int digits)
    {
        string hex = id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..];
        return hex.Length == digits && hex.All(char.IsAsciiHexDigit) && hex.Any(c => c != '0')
            ? hex.ToLowerInvariant()
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, digits / 2));
    }
}
