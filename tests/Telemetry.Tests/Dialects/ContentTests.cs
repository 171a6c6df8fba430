using System.Text.Json;
using Handrail.Otlp;
using Handrail.Telemetry;

namespace Handrail.Dialects;

/// <summary>Messages, arguments and results are kept as sent, once; everything else is kept with its name.</summary>
public sealed class ContentTests
{
    [Theory]
    [InlineData("gen_ai.operation.name", "execute_tool", "gen_ai.tool.name", "gen_ai.tool.call.id", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result")]
    [InlineData("openinference.span.kind", "TOOL", "tool.name", "tool_call.id", "input.value", "output.value")]
    [InlineData("ai.operationId", "ai.toolCall", "ai.toolCall.name", "ai.toolCall.id", "ai.toolCall.args", "ai.toolCall.result")]
    [InlineData("traceloop.span.kind", "tool", "traceloop.entity.name", "gen_ai.tool.call.id", "traceloop.entity.input", "traceloop.entity.output")]
    [InlineData("mcp.method.name", "tools/call", "gen_ai.tool.name", "gen_ai.tool.call.id", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result")]
    [InlineData("langfuse.observation.type", "tool", "gen_ai.tool.name", "tool.id", "langfuse.observation.input", "langfuse.observation.output")]
    public void A_tool_call_is_read_in_every_dialect(string marker, string kind, string name, string id, string arguments, string result)
    {
        Step step = Spans.Read((marker, kind), (name, "lookup"), (id, "call_0"), (arguments, """{"a":1}"""), (result, "found"), ("extra", "kept"));
        Assert.Equal(("lookup", "call_0", """{"a":1}""", "found"), (step.ToolName, step.ToolCallId, step.ToolArguments, step.ToolResult));
        Assert.Null(step.InputMessages);

        using JsonDocument carried = JsonDocument.Parse(step.AttributesJson);
        JsonElement attributes = carried.RootElement.GetProperty("attributes");
        Assert.Equal("kept", attributes.GetProperty("extra").GetString());
        Assert.False(attributes.TryGetProperty(arguments, out _));
        Assert.False(attributes.TryGetProperty(result, out _));
    }

    [Theory]
    [InlineData("gen_ai.input.messages", "gen_ai.output.messages")]
    [InlineData("ai.prompt.messages", "ai.response.text")]
    [InlineData("langfuse.observation.input", "langfuse.observation.output")]
    [InlineData("input.value", "output.value")]
    [InlineData("traceloop.entity.input", "traceloop.entity.output")]
    public void Messages_are_kept_as_sent(string input, string output)
    {
        Step step = Spans.Read((input, """[{"role":"user" """), (output, "plain"));
        Assert.Equal(("""[{"role":"user" """, "plain"), (step.InputMessages, step.OutputMessages));
    }

    [Fact]
    public void Structured_messages_become_JSON()
    {
        object?[] messages = [((string, object?)[])[("role", "user"), ("parts", (object?[])["hi", 2L])]];
        Assert.Equal("""[{"role":"user","parts":["hi",2]}]""", Spans.Read(("gen_ai.input.messages", messages)).InputMessages);
    }

    [Theory]
    [InlineData("gen_ai.prompt.", "gen_ai.completion.", "")]
    [InlineData("llm.input_messages.", "llm.output_messages.", "message.")]
    public void Flattened_messages_become_a_list_in_order(string input, string output, string inner)
    {
        Step step = Spans.Read(
            (input + "10." + inner + "role", "user"), (input + "2." + inner + "content", "be brief"), (input + "2." + inner + "role", "system"),
            (output + "0." + inner + "content", "ok"), (input + "x." + inner + "role", "odd"));
        Assert.Equal("""[{"content":"be brief","role":"system"},{"role":"user"}]""", step.InputMessages);
        Assert.Equal("""[{"content":"ok"}]""", step.OutputMessages);
        Assert.Contains("odd", step.AttributesJson, StringComparison.Ordinal);
        Assert.DoesNotContain("be brief", step.AttributesJson, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_sent_as_events_become_lists()
    {
        Step step = Spans.Read(new SpanSpec
        {
            Attributes = [("gen_ai.operation.name", "chat")],
            Events = [("gen_ai.user.message", [("content", "hi")]), ("gen_ai.choice", [("index", 0)]), ("other", [])],
        });
        Assert.Equal("""[{"event":"gen_ai.user.message","content":"hi"}]""", step.InputMessages);
        Assert.Equal("""[{"event":"gen_ai.choice","index":0}]""", step.OutputMessages);
    }

    [Fact]
    public void Messages_in_the_details_event_are_read()
    {
        Step step = Spans.Read(new SpanSpec
        {
            Events = [("gen_ai.client.inference.operation.details", [("gen_ai.input.messages", "[1]"), ("gen_ai.output.messages", "[2]")])],
        });
        Assert.Equal(("[1]", "[2]"), (step.InputMessages, step.OutputMessages));
    }

    [Fact]
    public void Finish_reasons_are_listed_however_they_came()
    {
        Assert.Equal("stop,length", Spans.Read(("gen_ai.response.finish_reasons", (object?[])["stop", "length"])).FinishReasons);
        Assert.Equal("tool_calls", Spans.Read(("gen_ai.response.finish_reasons", """["tool_calls"]""")).FinishReasons);
        Assert.Equal("stop", Spans.Read(("ai.response.finishReason", "stop")).FinishReasons);
        Assert.Null(Spans.Read(("gen_ai.response.finish_reasons", "[]")).FinishReasons);
    }

    [Fact]
    public void Everything_else_that_a_span_carries_is_kept()
    {
        Step step = Spans.Read(new SpanSpec
        {
            Kind = 2, StatusCode = 1, Attributes = [("http.route", "/x"), ("n", 1.5), ("b", true)], Events = [("retry", [("attempt", 2)])],
        });
        Assert.Equal(
            """{"attributes":{"http.route":"/x","n":1.5,"b":true},"span_kind":"server","status":{"code":1},"events":[{"name":"retry","attributes":{"attempt":2}}],"resource":{"service.name":"test-service"}}""",
            step.AttributesJson);
        Assert.Equal("test-scope", step.ScopeName);
    }
}
