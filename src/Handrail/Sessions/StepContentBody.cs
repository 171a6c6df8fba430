using System.IO.Compression;
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

    public static byte[] Write(Step step)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new StepContentReading
            {
                InputMessages = step.InputMessages,
                OutputMessages = step.OutputMessages,
                ToolCallId = step.ToolCallId,
                ToolArguments = step.ToolArguments,
                ToolResult = step.ToolResult,
                FinishReasons = step.FinishReasons,
                AgentId = step.AgentId,
                AgentVersion = step.AgentVersion ?? step.ServiceVersion,
                Scope = step.ScopeName is null ? null : step.ScopeVersion is null ? step.ScopeName : $"{step.ScopeName} {step.ScopeVersion}",
                Attributes = JsonText.Element(step.AttributesJson),
            },
            Options);
        if (json.Length < WorthCompressing)
        {
            return [Plain, .. json];
        }

        var body = new byte[BrotliEncoder.GetMaxCompressedLength(json.Length) + 1];
        body[0] = Brotli;
        return BrotliEncoder.TryCompress(json, body.AsSpan(1), out var length, quality: 1, window: 18) && length < json.Length
            ? body[..(length + 1)]
            : [Plain, .. json];
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
