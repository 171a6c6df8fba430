using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Handrail.Store;
using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>What one step said, as JSON; <see cref="ContentChunk"/> stores several of them together.</summary>
internal static class StepContentBody
{
    private static readonly JsonWriterOptions Unvalidated = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly JsonSerializerOptions Options = new(JsonText.Options) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static void Write(Step step, IBufferWriter<byte> to)
    {
        // By hand, because this runs for every span: the names are those of StepContentReading.
        var json = _writer ??= new Utf8JsonWriter(to, Unvalidated);
        json.Reset(to);
        json.WriteStartObject();
        WriteText(json, "input_messages"u8, step.InputMessages);
        WriteText(json, "output_messages"u8, step.OutputMessages);
        WriteText(json, "system_instructions"u8, step.SystemInstructions);
        WriteText(json, "tool_definitions"u8, step.ToolDefinitions);
        WriteText(json, "tool_call_id"u8, step.ToolCallId);
        WriteText(json, "tool_arguments"u8, step.ToolArguments);
        WriteText(json, "tool_result"u8, step.ToolResult);
        WriteText(json, "finish_reasons"u8, step.FinishReasons);
        WriteText(json, "agent_id"u8, step.AgentId);
        WriteText(json, "agent_version"u8, step.AgentVersion ?? step.ServiceVersion);
        WriteText(json, "scope"u8, step.ScopeName is null ? null : step.ScopeVersion is null ? step.ScopeName : $"{step.ScopeName} {step.ScopeVersion}");
        json.WritePropertyName("attributes"u8);
        json.WriteRawValue(step.AttributesJson, skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
    }

    public static StepContentReading Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<StepContentReading>(json, Options)!;

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }
}
