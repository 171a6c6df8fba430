using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using Handrail.Testing;

namespace Handrail.Ingest;

/// <summary>A request body as it was captured from a real client or made at the edge of the specification, to be sent as it was.</summary>
internal sealed record Captured(byte[] Body, string Path, string ContentType, string? Encoding, JsonElement About)
{
    private static readonly string Root = System.IO.Path.Combine(Repository.Root, "tests", "Telemetry.Tests", "Fixtures");

    /// <summary>Everybody of whom there is a capture.</summary>
    public static IEnumerable<string> Clients => Directory.GetDirectories(System.IO.Path.Combine(Root, "otlp")).Select(d => System.IO.Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    /// <summary>What one client sent, in order.</summary>
    public static IReadOnlyList<Captured> From(string client) =>
        [.. Directory.GetFiles(System.IO.Path.Combine(Root, "otlp", client), "*.bin").Order(StringComparer.Ordinal).Select(Load)];

    /// <summary>All that was captured and all that was made.</summary>
    public static IEnumerable<Captured> All() => Directory.GetFiles(Root, "*.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Load);

    public static TheoryData<string> Edges => [.. Directory.GetFiles(System.IO.Path.Combine(Root, "otlp-edge"), "*.bin").Select(f => System.IO.Path.GetFileNameWithoutExtension(f)!)];

    public static Captured Edge(string name) => Load(System.IO.Path.Combine(Root, "otlp-edge", name + ".bin"));

    /// <summary>What a person reads from all that a client sent.</summary>
    public static JsonElement ReadByAPerson(string client) =>
        Parse(System.IO.Path.Combine(Root, "otlp", client, "expected.json")).GetProperty("expected_reading");

    /// <summary>The body, decompressed where it is compressed, whatever its header says.</summary>
    public byte[] Unpacked()
    {
        if (Body is not [0x1F, 0x8B, ..])
        {
            return Body;
        }

        using var packed = new GZipStream(new MemoryStream(Body), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }

    public HttpContent Content()
    {
        var content = new ByteArrayContent(Body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        if (Encoding is not null)
        {
            content.Headers.ContentEncoding.Add(Encoding);
        }

        return content;
    }

    private static Captured Load(string file)
    {
        var about = Parse(System.IO.Path.ChangeExtension(file, ".json"));
        return new Captured(
            File.ReadAllBytes(file), about.GetProperty("path").GetString()!, about.GetProperty("content-type").GetString()!,
            about.TryGetProperty("content-encoding", out var encoding) ? encoding.GetString() : null, about);
    }

    private static JsonElement Parse(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }
}
