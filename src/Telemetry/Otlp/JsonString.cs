using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>The text of a JSON string as UTF-8.</summary>
internal static class JsonString
{
    private static readonly byte[] Replacement = [0xEF, 0xBF, 0xBD];

    /// <summary>
    /// The text of the reader's string, in place or, if it has escapes, in the buffer. Half of a surrogate pair becomes
    /// U+FFFD: .NET's own method refuses the whole string for it.
    /// </summary>
    public static ReadOnlySpan<byte> Read(ref readonly Utf8JsonReader reader, ref byte[] buffer)
    {
        ReadOnlySpan<byte> raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
            return raw;
        if (buffer.Length < raw.Length)
            buffer = new byte[Math.Max(raw.Length, 2 * buffer.Length)];
        return buffer.AsSpan(0, Unescape(raw, buffer));
    }

    /// <summary>The result is never longer: the shortest escape is two bytes for one, <c>\uXXXX</c> six for at most three.</summary>
    private static int Unescape(ReadOnlySpan<byte> raw, Span<byte> into)
    {
        int written = 0;
        while (!raw.IsEmpty)
        {
            int plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
                plain = raw.Length;
            raw[..plain].CopyTo(into[written..]);
            written += plain;
            raw = raw[plain..];
            if (raw.Length < 2)
                break;
            if (raw[1] == 'u')
            {
                written += Character(ref raw, into[written..]);
                continue;
            }

            into[written++] = raw[1] switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                byte itself => itself,
            };
            raw = raw[2..];
        }

        return written;
    }

    private static int Character(ref ReadOnlySpan<byte> raw, Span<byte> into)
    {
        int code = Code(raw);
        raw = raw[6..];
        if (char.IsHighSurrogate((char)code) && raw.StartsWith("\\u"u8) && char.IsLowSurrogate((char)Code(raw)))
        {
            code = char.ConvertToUtf32((char)code, (char)Code(raw));
            raw = raw[6..];
        }

        if (Rune.TryCreate(code, out Rune rune))
            return rune.EncodeToUtf8(into);
        Replacement.CopyTo(into);
        return Replacement.Length;
    }

    /// <summary>The reader has checked that four hex digits follow.</summary>
    private static int Code(ReadOnlySpan<byte> escape) =>
        Utf8Parser.TryParse(escape.Slice(2, 4), out int code, out _, 'x') ? code : '\uFFFD';
}
