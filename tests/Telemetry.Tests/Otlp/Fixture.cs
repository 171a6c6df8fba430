using System.IO.Compression;
using System.Text.Json;
using Handrail.Telemetry;

namespace Handrail.Otlp;

/// <summary>A request as a client sent it: the body, decompressed, and what kind it is.</summary>
internal sealed record Fixture(string Name, byte[] Body, string ContentType, OtlpSignal Signal, string? UserAgent)
{
    /// <summary>When the captures were made, roughly: what the receiver's clock says.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 25, 18, 0, 0, TimeSpan.Zero);

    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public bool IsJson => ContentType.StartsWith("application/json", StringComparison.Ordinal);

    public OtlpReadResult Read() => (Signal, IsJson) switch
    {
        (OtlpSignal.AgentsSdk, _) => AgentsSdkTraces.ReadJson(Body, Now, UserAgent),
        (OtlpSignal.Logs, true) => OtlpLogs.ReadJson(Body, Now),
        (OtlpSignal.Logs, false) => OtlpLogs.ReadProtobuf(Body, Now),
        (_, true) => OtlpTraces.ReadJson(Body, Now),
        _ => OtlpTraces.ReadProtobuf(Body, Now),
    };

    public static Fixture Edge(string name) => Load(Path.Combine(Root, "otlp-edge", name + ".bin"));

    public static IReadOnlyList<Fixture> Capture(string client) =>
        [.. Directory.GetFiles(Path.Combine(Root, "otlp", client), "*.bin").Order(StringComparer.Ordinal).Select(Load)];

    public static JsonElement Expected(string client) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, "otlp", client, "expected.json"))).RootElement
            .GetProperty("expected_reading");

    private static Fixture Load(string path)
    {
        using JsonDocument about = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(path, ".json")));
        byte[] body = File.ReadAllBytes(path);
        if (body is [0x1F, 0x8B, ..])
        {
            using var packed = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            packed.CopyTo(plain);
            body = plain.ToArray();
        }

        return new Fixture(Path.GetFileNameWithoutExtension(path), body, about.RootElement.GetProperty("content-type").GetString()!, SignalOf(about),
            about.RootElement.TryGetProperty("headers", out JsonElement headers) && headers.TryGetProperty("user-agent", out JsonElement agent) ? agent.GetString() : null);
    }

    private static OtlpSignal SignalOf(JsonDocument about) =>
        !about.RootElement.TryGetProperty("path", out JsonElement path) ? OtlpSignal.Traces
        : path.GetString()!.EndsWith("/logs", StringComparison.Ordinal) ? OtlpSignal.Logs
        : path.GetString()!.EndsWith("/metrics", StringComparison.Ordinal) ? OtlpSignal.Metrics
        : path.GetString()!.EndsWith("/traces/ingest", StringComparison.Ordinal) ? OtlpSignal.AgentsSdk
        : OtlpSignal.Traces;
}
