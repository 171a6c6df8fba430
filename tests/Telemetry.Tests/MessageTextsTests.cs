using System.Text;
using System.Text.Json;
using Handrail.Otlp;

namespace Handrail.Telemetry;

/// <summary>What was said, out of every form that messages come in; and a step given out again as the OTLP it came in.</summary>
public sealed class MessageTextsTests
{
    [Theory]
    [InlineData("""[{"role":"system","content":"s"},{"role":"user","content":"u"}]""", "system: s | user: u")]
    [InlineData("""[{"role":"user","parts":[{"type":"text","content":"a"},{"type":"text","content":"b"}]}]""", "user: a\nb")]
    [InlineData("""[{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","input":{"text":"never"}}]}]""", "assistant: x")]
    [InlineData("""[{"role":"model","parts":[{"text":"x"},{"functionCall":{"name":"f"}}]}]""", "assistant: x")]
    [InlineData("""[{"role":"user","contents.0.message_content.text":"x","contents.0.message_content.type":"text"}]""", "user: x")]
    [InlineData("""{"messages":[{"role":"user","content":"u"}],"system":"s"}""", "user: u")]
    [InlineData("""["u"]""", "user: u")]
    [InlineData("Hello", "user: Hello")]
    [InlineData("[cut", "user: [cut")]
    [InlineData("[]", "")]
    [InlineData("", "")]
    public void Each_message_is_whose_it_is_and_what_it_says(string messages, string said) =>
        Assert.Equal(said, string.Join(" | ", MessageTexts.Of(messages, "user").Select(m => $"{m.Role}: {m.Text}")));

    [Fact]
    public void A_message_that_names_its_participant_keeps_the_name() =>
        Assert.Equal("planner", Assert.Single(MessageTexts.Of("""[{"role":"user","name":"planner","parts":[{"type":"text","content":"Write it."}]}]""", "user")).Name);

    [Theory]
    [MemberData(nameof(CaptureTests.Clients), MemberType = typeof(CaptureTests))]
    public void A_step_given_out_as_OTLP_is_read_as_the_same_step(string client)
    {
        List<Step> steps = [.. Fixture.Capture(client).Where(f => f.Signal == OtlpSignal.Traces).SelectMany(f => f.Read().Steps)];

        Assert.All(steps, step =>
        {
            using var carried = JsonDocument.Parse(step.AttributesJson);
            string json = OtlpJsonCopy.Span(
                step.TraceId, step.SpanId, step.ParentSpanId, step.Name, step.StartedAt, step.EndedAt,
                [("gen_ai.input.messages", step.InputMessages), ("gen_ai.output.messages", step.OutputMessages), ("gen_ai.tool.call.arguments", step.ToolArguments), ("gen_ai.tool.call.result", step.ToolResult)],
                carried.RootElement);
            Step again = Assert.Single(OtlpTraces.ReadJson(Encoding.UTF8.GetBytes(json), step.EndedAt).Steps);

            Assert.Equal(
                (step.TraceId, step.SpanId, step.ParentSpanId, step.Name, step.Kind, step.Usage, step.SessionId, step.ToolName, step.Failed, step.StartedAt, step.RequestModel, step.ServiceName),
                (again.TraceId, again.SpanId, again.ParentSpanId, again.Name, again.Kind, again.Usage, again.SessionId, again.ToolName, again.Failed, again.StartedAt, again.RequestModel, again.ServiceName));
        });
    }
}
