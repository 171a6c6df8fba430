using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Handrail.Faults.Load;

/// <summary>A span as both encodings write it.</summary>
/// <param name="Parent">Empty for a trace's first.</param>
/// <param name="Attributes">Strings and whole numbers.</param>
internal sealed record PlainSpan(
    byte[] TraceId, byte[] Id, byte[] Parent, string Name, DateTimeOffset Begun, DateTimeOffset Ended, IReadOnlyList<(string Key, object Value)> Attributes);

/// <summary>OTLP's two encodings of a request of spans, written by the specification and not with the console's own code.</summary>
internal static class SpanEncoding
{
    public static byte[] Json(IEnumerable<PlainSpan> spans) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        resourceSpans = new[]
        {
            new
            {
                resource = new { attributes = new[] { Pair("service.name", "load") } },
                scopeSpans = new[]
                {
                    new
                    {
                        spans = spans.Select(s => new
                        {
                            traceId = Convert.ToHexStringLower(s.TraceId),
                            spanId = Convert.ToHexStringLower(s.Id),
                            parentSpanId = Convert.ToHexStringLower(s.Parent),
                            name = s.Name,
                            kind = 1,
                            startTimeUnixNano = Nanoseconds(s.Begun).ToString(CultureInfo.InvariantCulture),
                            endTimeUnixNano = Nanoseconds(s.Ended).ToString(CultureInfo.InvariantCulture),
                            attributes = s.Attributes.Select(a => Pair(a.Key, a.Value)),
                        }),
                    },
                },
            },
        },
    });

    public static byte[] Protobuf(IEnumerable<PlainSpan> spans) => Message(
        1,
        Message(1, Attribute(1, "service.name", "load")),
        Message(2, [.. spans.Select(s => Message(
            2,
            [
                Message(1, s.TraceId), Message(2, s.Id), s.Parent.Length == 0 ? [] : Message(4, s.Parent), Text(5, s.Name), Varint(6, 1),
                Fixed64(7, Nanoseconds(s.Begun)), Fixed64(8, Nanoseconds(s.Ended)), .. s.Attributes.Select(a => Attribute(9, a.Key, a.Value)),
            ]))]));

    private static object Pair(string key, object value) =>
        value is string text ? new { key, value = new { stringValue = text } } : new { key, value = new { intValue = string.Create(CultureInfo.InvariantCulture, $"{value}") } };

    private static byte[] Attribute(int field, string key, object value) => Message(field, Text(1, key), Message(2, value is string text ? Text(1, text) : Varint(3, (ulong)(long)value)));

    private static byte[] Message(int field, params byte[][] parts) => [.. Tag(field, 2), .. Base128((ulong)parts.Sum(p => p.Length)), .. parts.SelectMany(p => p)];

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Varint(int field, ulong value) => [.. Tag(field, 0), .. Base128(value)];

    private static byte[] Fixed64(int field, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Tag(field, 1), .. bytes];
    }

    private static byte[] Tag(int field, int wireType) => Base128((ulong)((field << 3) | wireType));

    private static byte[] Base128(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static ulong Nanoseconds(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;
}
