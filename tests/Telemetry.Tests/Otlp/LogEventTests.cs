using System.Text;
using System.Text.Json.Nodes;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>What coding agents tell of in log events, where they send no spans.</summary>
public sealed class LogEventTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_turn_of_Claude_Code_without_traces_is_one_trace_under_its_prompt()
    {
        var steps = Read(
            "claude-code",
            Claude(0, "user_prompt", ("prompt", "list the files")),
            Claude(2_000, "api_request", ("model", "claude-sonnet-4-5"), ("input_tokens", 100), ("cache_read_tokens", 50), ("output_tokens", 20), ("cost_usd", 0.5), ("duration_ms", 1_500), ("request_id", "req-1")),
            Claude(3_000, "tool_result", ("tool_name", "Bash"), ("tool_use_id", "t-1"), ("success", "false"), ("error", "no such file"), ("duration_ms", "70")));

        Assert.Single(steps.Select(s => s.TraceId).Distinct());
        var prompt = steps.Single(s => s.Kind == StepKind.Human);
        var call = steps.Single(s => s.Kind == StepKind.Llm);
        var tool = steps.Single(s => s.Kind == StepKind.Tool);
        Assert.Equal("list the files", prompt.InputMessages);
        Assert.All([call, tool], s => Assert.Equal(prompt.SpanId, s.ParentSpanId));
        Assert.All(steps, s => Assert.Equal("s-1", s.SessionId));
        Assert.Equal((150, 20, 0.5m, "anthropic", "claude-sonnet-4-5"), (call.Usage.Input, call.Usage.Output, call.ReportedCostUsd, call.Provider, call.ResponseModel));
        Assert.Equal((Start.AddMilliseconds(500), Start.AddMilliseconds(2_000)), (call.StartedAt, call.EndedAt));
        Assert.Equal(("Bash", true, "no such file"), (tool.ToolName, tool.Failed, tool.ErrorMessage));
    }

    [Fact]
    public void Gemini_CLIs_log_events_are_its_calls_and_its_spans_only_its_waterfall()
    {
        var logs = Read(
            "gemini-cli",
            Event(0, "gemini_cli.user_prompt", ("session.id", "g-1"), ("prompt_id", "p-1"), ("prompt", "hello")),
            Event(1_000, "gemini_cli.api_response", ("session.id", "g-1"), ("prompt_id", "p-1"), ("model", "gemini-2.5-pro"), ("input_token_count", 10), ("output_token_count", 4), ("thoughts_token_count", 3), ("cached_content_token_count", 6), ("duration_ms", 200)),
            Event(1_500, "gemini_cli.api_error", ("session.id", "g-1"), ("prompt_id", "p-1"), ("model", "gemini-2.5-pro"), ("error", "429"), ("duration_ms", 20)),
            Event(2_000, "gemini_cli.tool_call", ("session.id", "g-1"), ("prompt_id", "p-1"), ("function_name", "read_file"), ("function_args", "{}"), ("success", false)));
        var spans = OtlpTraces.ReadJson(
            """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gemini-cli"}}]},"scopeSpans":[{"spans":[
            {"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","name":"llm_call","startTimeUnixNano":"1795433714453000000","endTimeUnixNano":"1795433715453000000",
            "attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"llm_call"}},{"key":"gen_ai.conversation.id","value":{"stringValue":"g-1"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":10}}]}]}]}]}
            """u8, Fixture.Now).Steps;

        Assert.Equal(new TokenUsage(10, 7, 6, null, 3), logs.Single(s => s is { Kind: StepKind.Llm, Failed: false }).Usage);
        Assert.Single(logs, s => s is { Kind: StepKind.Llm, Failed: true });
        Assert.Single(logs, s => s is { Kind: StepKind.Tool, Failed: true, ToolName: "read_file" });
        Assert.Equal((StepKind.Llm, Telling.Repeated), (spans.Single().Kind, spans.Single().Telling));
        var reading = TraceReading.Read([StepNode.Of(spans.Single())]).Single();
        Assert.False(reading.Counts || reading.CountsCost || reading.IsOwn);
    }

    [Fact]
    public void Codexs_completed_responses_count_once_and_its_internal_spans_are_left_out()
    {
        (string, JsonNode?)[] of = [("conversation.id", "c-1"), ("turn.id", "t-1"), ("model", "gpt-5-codex")];
        var logs = Read(
            "codex_exec",
            Event(0, "codex.user_prompt", [.. of, ("prompt", "fix it")]),
            Event(900, "codex.sse_event", [.. of, ("event.kind", "response.created")]),
            Event(1_000, "codex.sse_event", [.. of, ("event.kind", "response.completed")]),
            Event(1_001, "codex.sse_event", [.. of, ("event.kind", "response.completed"), ("input_token_count", 1_000), ("output_token_count", 50), ("cached_token_count", 600), ("reasoning_token_count", 20), ("tool_token_count", 1_050)]),
            Event(2_000, "codex.tool_result", [.. of, ("tool_name", "shell"), ("call_id", "x"), ("arguments", "ls"), ("output", "a b"), ("success", "true")]));
        var spans = OtlpTraces.ReadJson(
            """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"codex_exec"}}]},"scopeSpans":[{"spans":[
            {"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","name":"poll_loop","startTimeUnixNano":"1795433714453000000","attributes":[{"key":"thread.id","value":{"intValue":2}}]},
            {"traceId":"0123456789abcdef0123456789abcdef","spanId":"1123456789abcdef","name":"run_turn","startTimeUnixNano":"1795433714453000000"}]}]}]}
            """u8, Fixture.Now);

        Assert.Equal(new TokenUsage(1_000, 50, 600, null, 20), Assert.Single(logs, s => s.Kind == StepKind.Llm).Usage);
        Assert.Equal(("shell", "ls", "a b"), logs.Where(s => s.Kind == StepKind.Tool).Select(s => (s.ToolName, s.ToolArguments, s.ToolResult)).Single());
        Assert.All(logs, s => Assert.Equal("c-1", s.SessionId));
        Assert.Equal((1, 0), (spans.LeftOut, spans.Rejected));
        Assert.Equal("run_turn", Assert.Single(spans.Steps).Name);
    }

    [Fact]
    public void The_same_record_twice_is_the_same_step_and_another_is_another()
    {
        var (a, b) = (Claude(1, "api_request", ("model", "m"), ("request_id", "r-1")), Claude(1, "api_request", ("model", "m"), ("request_id", "r-2")));

        var steps = Read("claude-code", a, a, b);

        Assert.Equal(steps[0].SpanId, steps[1].SpanId);
        Assert.NotEqual(steps[0].SpanId, steps[2].SpanId);
    }

    [Fact]
    public void An_applications_other_log_records_are_taken_and_left_out()
    {
        var read = OtlpLogs.ReadJson(Request("shop", Event(0, "http.request", ("url", "/"))), Fixture.Now);

        Assert.Equal((0, 0, 1), (read.Steps.Count, read.Rejected, read.LeftOut));
    }

    [Fact]
    public void Messages_that_the_conventions_send_as_events_stand_under_their_span()
    {
        var record = Event(0, "gen_ai.user.message");
        record["traceId"] = "0123456789abcdef0123456789abcdef";
        record["spanId"] = "0123456789abcdef";
        record["body"] = JsonNode.Parse("""{"kvlistValue":{"values":[{"key":"content","value":{"stringValue":"hello"}}]}}""");

        var step = Assert.Single(Read("shop", record));

        Assert.Equal(("0123456789abcdef0123456789abcdef", "0123456789abcdef"), (step.TraceId, step.ParentSpanId));
        Assert.Equal("""{"content":"hello"}""", step.InputMessages);
    }

    [Theory]
    [InlineData("""{"traceId":"0123"}""", "a trace id is not 16 bytes")]
    [InlineData("""{"timeUnixNano":"18446744073709551615"}""", "a time is more than a day in the future")]
    [InlineData("""{"attributes":5}""", "wrong type")]
    public void A_record_that_cant_be_used_is_rejected_alone(string bad, string why)
    {
        var good = Claude(0, "user_prompt", ("prompt", "hi"));

        var read = OtlpLogs.ReadJson(Request("claude-code", JsonNode.Parse(bad)!.AsObject(), good), Fixture.Now);

        Assert.Equal(1, read.Rejected);
        Assert.Contains(why, read.RejectionReason);
        Assert.Single(read.Steps);
    }

    private static JsonObject Claude(int ms, string name, params (string Key, JsonNode? Value)[] attributes)
    {
        var record = Event(ms, name, [("session.id", "s-1"), ("prompt.id", "p-1"), .. attributes]);
        record["body"] = new JsonObject { ["stringValue"] = "claude_code." + name };
        return record;
    }

    private static JsonObject Event(int ms, string name, params (string Key, JsonNode? Value)[] attributes) => new()
    {
        ["timeUnixNano"] = ((Start.AddMilliseconds(ms) - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["attributes"] = new JsonArray([.. attributes.Append(("event.name", name)).Select(a => new JsonObject { ["key"] = a.Item1, ["value"] = Value(a.Item2?.DeepClone()) })]),
    };

    private static JsonObject Value(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Number when value.ToJsonString().Contains('.', StringComparison.Ordinal) => new() { ["doubleValue"] = value },
        System.Text.Json.JsonValueKind.Number => new() { ["intValue"] = value },
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => new() { ["boolValue"] = value },
        _ => new() { ["stringValue"] = value },
    };

    private static IReadOnlyList<Step> Read(string service, params JsonObject[] records)
    {
        var read = OtlpLogs.ReadJson(Request(service, records), Fixture.Now);
        Assert.Equal((0, null), (read.Rejected, read.RejectionReason));
        return read.Steps;
    }

    private static byte[] Request(string service, params JsonObject[] records) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["resourceLogs"] = new JsonArray(new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = new JsonArray(new JsonObject { ["key"] = "service.name", ["value"] = new JsonObject { ["stringValue"] = service } }) },
            ["scopeLogs"] = new JsonArray(new JsonObject { ["logRecords"] = new JsonArray([.. records.Select(r => r.DeepClone())]) }),
        }),
    }.ToJsonString());
}
