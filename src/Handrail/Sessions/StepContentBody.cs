using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Handrail.Store;
using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>What a step said, as it is stored: JSON, compressed where that pays.</summary>
internal static class StepContentBody
{
    private const byte Plain = 0;
    private const byte Brotli = 1;

    /// <summary>Below this many bytes the time to compress is worth more than the bytes saved.</summary>
    private const int WorthCompressing = 2_048;

    /// <summary>A buffer that grew beyond this for one odd step is given back.</summary>
    private const int MostKept = 1 << 20;

    private static readonly JsonWriterOptions Unvalidated = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _redacted;

    public static byte[] Write(Step step, Redaction redaction)
    {
        // By hand, because this runs for every span: the names are those of StepContentReading.
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4_096);
        buffer.ResetWrittenCount();
        buffer.GetSpan(1)[0] = Plain;
        buffer.Advance(1);
        using (var json = new Utf8JsonWriter(buffer, Unvalidated))
        {
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
        }

        var plain = buffer.WrittenSpan;
        var redacted = _redacted ??= new ArrayBufferWriter<byte>();
        redacted.ResetWrittenCount();
        if (redaction.TryRedact(plain, redacted))
        {
            plain = redacted.WrittenSpan;
        }

        if (plain.Length <= WorthCompressing)
        {
            return plain.ToArray();
        }

        var packed = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(plain.Length) + 1);
        packed[0] = Brotli;
        var pays = BrotliEncoder.TryCompress(plain[1..], packed.AsSpan(1), out var length, quality: 1, window: 18) && length + 1 < plain.Length;
        var body = pays ? packed.AsSpan(0, length + 1).ToArray() : plain.ToArray();
        ArrayPool<byte>.Shared.Return(packed);
        if (buffer.Capacity > MostKept || redacted.Capacity > MostKept)
        {
            (_buffer, _redacted) = (null, null);
        }

        return body;
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    public static StepContentReading Read(byte[] body)
    {
        if (body[0] == Plain)
        {
            return JsonSerializer.Deserialize<StepContentReading>(body.AsSpan(1), Options)!;
        }

        using var packed = new MemoryStream(body, 1, body.Length - 1);
        using var unpacked = new BrotliStream(packed, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<StepContentReading>(unpacked, Options)!;
    }

    private static readonly JsonSerializerOptions Options = new(JsonText.Options) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
}
