using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>A step as OTLP JSON, to be pasted into any other tool.</summary>
public static class OtlpCopy
{
    public static string Of(SessionStep step, StepContentReading content) => OtlpJsonCopy.Span(
        step.TraceId, step.SpanId, step.ParentSpanId, step.Name, step.StartedAt, step.EndedAt,
        [
            ("gen_ai.system_instructions", content.SystemInstructions),
            ("gen_ai.tool.definitions", content.ToolDefinitions),
            ("gen_ai.input.messages", content.InputMessages),
            ("gen_ai.output.messages", content.OutputMessages),
            ("gen_ai.tool.call.arguments", content.ToolArguments),
            ("gen_ai.tool.call.result", content.ToolResult),
        ],
        content.Attributes);
}
