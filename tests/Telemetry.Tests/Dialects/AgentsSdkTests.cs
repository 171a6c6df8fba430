using System.Text;
using Handrail.Otlp;
using Handrail.Telemetry;

namespace Handrail.Dialects;

/// <summary>What the OpenAI Agents SDK sends to the address that its users changed.</summary>
public sealed class AgentsSdkTests
{
    private const string Run = """
        {"data":[
        {"object":"trace","id":"trace_0123456789abcdef0123456789abcdef","workflow_name":"Support","group_id":"chat-7","metadata":{"user_id":"ada"}},
        {"object":"trace.span","id":"span_00000000000000000000000a","trace_id":"trace_0123456789abcdef0123456789abcdef","parent_id":null,"started_at":"2026-11-23T12:00:00.000Z","ended_at":"2026-11-23T12:00:05.000Z","span_data":{"type":"agent","name":"Triage","tools":["lookup"]},"error":null},
        {"object":"trace.span","id":"span_00000000000000000000000b","trace_id":"trace_0123456789abcdef0123456789abcdef","parent_id":"span_00000000000000000000000a","started_at":"2026-11-23T12:00:00.500Z","ended_at":"2026-11-23T12:00:02.000Z","span_data":{"type":"custom","name":"turn","data":{"agent_name":"Triage","usage":{"input_tokens":120,"output_tokens":30,"cached_input_tokens":100}}},"error":null},
        {"object":"trace.span","id":"span_00000000000000000000000c","trace_id":"trace_0123456789abcdef0123456789abcdef","parent_id":"span_00000000000000000000000b","started_at":"2026-11-23T12:00:00.600Z","ended_at":"2026-11-23T12:00:01.900Z","span_data":{"type":"response","response_id":"resp_1"},"error":null},
        {"object":"trace.span","id":"span_00000000000000000000000d","trace_id":"trace_0123456789abcdef0123456789abcdef","parent_id":"span_00000000000000000000000b","started_at":"2026-11-23T12:00:02.000Z","ended_at":"2026-11-23T12:00:03.000Z","span_data":{"type":"function","name":"lookup","input":"{\"order\":1}","output":"none"},"error":{"message":"no such order","data":{}}},
        {"object":"trace.span","id":"span_00000000000000000000000e","trace_id":"trace_0123456789abcdef0123456789abcdef","parent_id":"span_00000000000000000000000a","started_at":"2026-11-23T12:00:04.000Z","ended_at":"2026-11-23T12:00:04.100Z","span_data":{"type":"handoff","from_agent":"Triage","to_agent":"Refunds"},"error":null}]}
        """;

    [Fact]
    public void A_run_is_read_with_its_session_agents_calls_and_tokens()
    {
        var read = AgentsSdkTraces.ReadJson(Encoding.UTF8.GetBytes(Run), DateTimeOffset.Parse("2026-11-23T12:00:06Z", System.Globalization.CultureInfo.InvariantCulture));
        var readings = TraceReading.Read([.. read.Steps.Select(StepNode.Of)]);

        Assert.Equal((0, 6), (read.Rejected, read.Steps.Count));
        Assert.All(readings, r => Assert.Equal("chat-7", r.SessionId));
        Assert.All(readings.Skip(1), r => Assert.Equal("Triage", r.Agent));
        Assert.Equal("ada", readings[0].EndUser);
        Assert.Equal([StepKind.Workflow, StepKind.Agent, StepKind.Other, StepKind.Llm, StepKind.Tool, StepKind.Handoff], read.Steps.Select(s => s.Kind));
        Assert.Equal(120, read.Steps.Zip(readings).Where(s => s.Second.Counts).Sum(s => s.First.Usage.Input));
        Assert.Equal((true, "no such order", "{\"order\":1}"), (read.Steps[4].Failed, read.Steps[4].ErrorMessage, read.Steps[4].ToolArguments));
        Assert.Equal("Refunds", read.Steps[5].HandoffTarget);
    }

    [Fact]
    public void It_is_told_what_was_read_from_which_member_and_which_nobody_understood()
    {
        var coverage = new SenderCoverage();
        foreach (OtlpReadResult read in Fixture.Capture("openai-agents-chat").Select(f => f.Read()))
        {
            (SenderName sender, SenderCoverage of) = Assert.Single(read.Coverage);
            Assert.Equal(new SenderName(null, "openai-agents (javascript)", "0.20.0"), sender);
            coverage.Add(of);
        }

        Assert.Equal((37, 37, 7, 0), (coverage.Records, coverage.Sampled, coverage.Calls, coverage.CallsWithoutUsage));
        Assert.Equal(["group_id"], coverage.Found["session"].Keys);
        Assert.Equal(["span_data.data.agent_name", "span_data.from_agent", "span_data.name"], coverage.Found["agent"].Keys.Order());
        Assert.Equal(["span_data.data.usage.input_tokens", "span_data.output.0.usage.prompt_tokens"], coverage.Found["input tokens"].Keys.Order());
        Assert.Equal(["span_data.output.0.model"], coverage.Found["model answered"].Keys);
        Assert.Contains("span_data.triggered", coverage.Unknown.Keys);
        Assert.DoesNotContain("span_data.name", coverage.Unknown.Keys);
    }

    [Fact]
    public void A_trace_lasts_as_long_as_its_spans_and_a_failure_says_what_went_wrong()
    {
        IReadOnlyList<Step> steps = Fixture.Capture("openai-agents")[^1].Read().Steps;
        Step trace = Assert.Single(steps, s => s.Kind == StepKind.Workflow);

        Assert.Equal((steps.Skip(1).Min(s => s.StartedAt), steps.Skip(1).Max(s => s.EndedAt)), (trace.StartedAt, trace.EndedAt));
        Assert.Contains(steps, s => s is { Failed: true, ErrorMessage: "Error in agent run: InputGuardrailTripwireTriggered: Input guardrail triggered: {\"checked\":true}" });
    }

    [Theory]
    [InlineData("""{"object":"trace.span","id":"span_1"}""", "an item has no 'trace_id'")]
    [InlineData("""{"object":"trace.span","id":"span_1","trace_id":"trace_1"}""", "a span has no span_data")]
    [InlineData("""{"object":"trace.span","id":"span_1","trace_id":"trace_1","started_at":"noon","span_data":{"type":"agent"}}""", "'started_at' is no ISO 8601 time")]
    [InlineData("5", "an item is not an object")]
    public void An_item_that_cant_be_used_is_rejected_alone(string item, string why)
    {
        var read = AgentsSdkTraces.ReadJson(Encoding.UTF8.GetBytes("{\"data\":[" + item + ",{\"object\":\"trace\",\"id\":\"trace_2\"}]}"), DateTimeOffset.UnixEpoch);

        Assert.Equal((1, why), (read.Rejected, read.RejectionReason));
        Assert.Single(read.Steps);
    }

    [Fact]
    public void A_list_that_stands_there_twice_is_read_twice() => Assert.Equal(2, AgentsSdkTraces.ReadJson(
        Encoding.UTF8.GetBytes("""{"data":[{"object":"trace","id":"trace_1"}],"data":[{"object":"trace","id":"trace_2"}]}"""), DateTimeOffset.UnixEpoch).Steps.Count);

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"data\":")]
    [InlineData("{\"data\\ud800\":[]}")]
    public void A_body_without_a_list_is_refused(string body) =>
        Assert.Throws<OtlpFormatException>(() => AgentsSdkTraces.ReadJson(Encoding.UTF8.GetBytes(body), DateTimeOffset.UnixEpoch));
}
