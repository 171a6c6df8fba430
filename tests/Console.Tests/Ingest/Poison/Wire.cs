using System.Buffers.Binary;
using System.Text;

namespace Handrail.Ingest.Poison;

/// <summary>Protobuf's wire format, written by code that shares nothing with the readers under test.</summary>
internal static class Wire
{
    public static byte[] Field(int number, string text) => Field(number, Encoding.UTF8.GetBytes(text));

    public static byte[] Field(int number, byte[] content) => [.. Varint(((ulong)number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    public static byte[] Number(int number, ulong value) => [.. Varint((ulong)number << 3), .. Varint(value)];

    public static byte[] Fixed(int number, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Varint(((ulong)number << 3) | 1), .. bytes];
    }

    public static byte[] Join(params byte[][] parts)
    {
        var joined = new byte[parts.Sum(p => p.Length)];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(joined, at);
            at += part.Length;
        }

        return joined;
    }

    public static byte[] Text(string key, string value) => Join(Field(1, key), Field(2, Field(1, value)));

    public static byte[] Whole(string key, long value) => Join(Field(1, key), Field(2, Number(3, (ulong)value)));

    /// <summary>A number in base 128, in more bytes than it needs where that is asked for.</summary>
    public static byte[] Varint(ulong value, int atLeast = 1)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80 || bytes.Count + 1 < atLeast; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
