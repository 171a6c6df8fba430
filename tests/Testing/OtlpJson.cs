using System.Security.Cryptography;

namespace Handrail.Testing;

/// <summary>Telemetry as an SDK sends it, in OTLP's JSON encoding, to be posted to <c>/v1/traces</c>.</summary>
public static class OtlpJson
{
    /// <summary>One turn of a session: a trace of model calls, each with an id of its own.</summary>
    /// <param name="costUsd">What the sender says that each cost; nothing where it says nothing.</param>
    /// <param name="at">When they ended, by the sender's clock; now where it is not said.</param>
    public static object ModelCalls(string session, string agent, int calls = 1, string model = "gpt-4o-mini", int inputTokens = 1200, int outputTokens = 150, double? costUsd = null, DateTimeOffset? at = null)
    {
        var traceId = RandomHex(16);
        var end = at ?? TimeProvider.System.GetUtcNow();
        return new
        {
            resourceSpans = new[]
            {
                new
                {
                    resource = new { attributes = new[] { Text("service.name", agent) } },
                    scopeSpans = new[]
                    {
                        new
                        {
                            spans = Enumerable.Range(0, calls).Select(_ => Call(traceId, session, agent, model, inputTokens, outputTokens, end, costUsd)).ToArray(),
                        },
                    },
                },
            },
        };
    }

    /// <summary>A turn of a model call and the tool's call that it led to.</summary>
    public static object ToolCallAndAnswer(string session, string agent, string tool, string arguments, string result)
    {
        var traceId = RandomHex(16);
        var end = TimeProvider.System.GetUtcNow();
        var call = new
        {
            traceId,
            spanId = RandomHex(8),
            name = $"execute_tool {tool}",
            kind = 1,
            startTimeUnixNano = Nanoseconds(end.AddSeconds(-1)),
            endTimeUnixNano = Nanoseconds(end),
            attributes = new[]
            {
                Text("gen_ai.operation.name", "execute_tool"),
                Text("gen_ai.conversation.id", session),
                Text("gen_ai.agent.name", agent),
                Text("gen_ai.tool.name", tool),
                Text("gen_ai.tool.call.arguments", arguments),
                Text("gen_ai.tool.call.result", result),
            },
        };
        return new
        {
            resourceSpans = new[]
            {
                new
                {
                    resource = new { attributes = new[] { Text("service.name", agent) } },
                    scopeSpans = new[] { new { spans = new[] { Call(traceId, session, agent, "gpt-4o-mini", 20_000, 150, end.AddSeconds(-1)), call } } },
                },
            },
        };
    }

    /// <summary>One model call in each of these sessions, each in a trace of its own.</summary>
    public static object ModelCallsOf(IEnumerable<string> sessions, string agent, string model = "gpt-4o-mini", int inputTokens = 1200, int outputTokens = 150)
    {
        var end = TimeProvider.System.GetUtcNow();
        return new
        {
            resourceSpans = new[]
            {
                new
                {
                    resource = new { attributes = new[] { Text("service.name", agent) } },
                    scopeSpans = new[] { new { spans = sessions.Select(session => Call(RandomHex(16), session, agent, model, inputTokens, outputTokens, end)).ToArray() } },
                },
            },
        };
    }

    private static object Call(string traceId, string session, string agent, string model, int inputTokens, int outputTokens, DateTimeOffset end, double? costUsd = null) => new
    {
        traceId,
        spanId = RandomHex(8),
        name = $"chat {model}",
        kind = 3,
        startTimeUnixNano = Nanoseconds(end.AddSeconds(-2)),
        endTimeUnixNano = Nanoseconds(end),
        attributes = (object[])
        [
            Text("gen_ai.operation.name", "chat"),
            Text("gen_ai.provider.name", "openai"),
            Text("gen_ai.request.model", model),
            Text("gen_ai.conversation.id", session),
            Text("gen_ai.agent.name", agent),
            Number("gen_ai.usage.input_tokens", inputTokens),
            Number("gen_ai.usage.output_tokens", outputTokens),
            .. costUsd is { } cost ? new[] { new { key = "gen_ai.usage.cost", value = new { doubleValue = cost } } } : [],
        ],
    };

    private static object Text(string key, string value) => new { key, value = new { stringValue = value } };

    private static object Number(string key, int value) => new { key, value = new { intValue = $"{value}" } };

    private static string RandomHex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    private static string Nanoseconds(DateTimeOffset at) => $"{at.ToUnixTimeMilliseconds()}000000";
}
