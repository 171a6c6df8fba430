using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>
/// A 64-bit print of what was called or said: equal for contents that mean the same, whatever the order of members, the white space and
/// the spelling of numbers. It tells repetitions apart from progress and decides nothing else: who finds two contents of one print only
/// has himself taken for a loop. The same in every process and version, since it is stored.
/// </summary>
public static class ContentPrint
{
    /// <summary>Longer content is compared letter by letter: reading it costs more than it tells.</summary>
    private const int LongestRead = 128 * 1024;

    private const int MostKept = 1 << 20;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    [ThreadStatic]
    private static byte[]? _utf8;

    /// <summary>Of a tool's call: its name and its arguments; null where the arguments are not known, since it may be another call each time.</summary>
    public static long? OfCall(string? tool, string? arguments) =>
        arguments is null ? null : (long)Mix(Letters(tool) ^ (Of(arguments, isMessage: false) * 3));

    /// <summary>Of a tool's result; null where it is not known.</summary>
    public static long? OfResult(string? result) => result is null ? null : (long)Of(result, isMessage: false);

    /// <summary>Of messages, without the ids that are new with every message.</summary>
    public static long? OfMessages(string? messages) => string.IsNullOrEmpty(messages) ? null : (long)Of(messages, isMessage: true);

    /// <summary>Of the last of the messages alone: what a model is asked anew, without all that was said before.</summary>
    public static long? OfLastMessage(string? messages)
    {
        if (string.IsNullOrEmpty(messages))
            return null;
        ReadOnlySpan<byte> utf8 = Utf8(messages);
        if (utf8.IsEmpty || utf8.TrimStart(" \t\r\n"u8) is not [(byte)'[' or (byte)'{', ..])
            return (long)Letters(messages);
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            return (long)Last(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (long)Letters(messages);
        }
    }

    /// <summary>Two prints as one, in their order.</summary>
    public static ulong Join(ulong one, ulong other) => Mix(one ^ Mix(other + 0x9E3779B97F4A7C15));

    /// <summary>Of a name, letter by letter.</summary>
    public static ulong Letters(string? text) => Bytes(MemoryMarshal.AsBytes(text.AsSpan()));

    private static ulong Of(string content, bool isMessage)
    {
        ReadOnlySpan<byte> utf8 = Utf8(content);
        utf8 = utf8.TrimStart(" \t\r\n"u8);
        if (utf8 is not [(byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9'), ..])
            return Letters(content.Trim());
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            ulong print = Value(ref reader, isMessage);
            return reader.Read() ? Letters(content.Trim()) : print;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Letters(content.Trim());
        }
    }

    /// <summary>Empty for what is too long to be read.</summary>
    private static ReadOnlySpan<byte> Utf8(string text)
    {
        if (text.Length > LongestRead)
            return [];
        int room = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[] buffer = _utf8 is { } kept && kept.Length >= room ? kept : new byte[Math.Max(room, 4096)];
        if (buffer.Length <= MostKept)
            _utf8 = buffer;
        return buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer));
    }

    /// <summary>Goes through a list, or a list in <c>messages</c> or <c>contents</c>, to its last element; anything else is one message.</summary>
    private static ulong Last(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            ulong last = 0;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                last = Value(ref reader, isMessage: true);
            return last;
        }

        ulong members = 0;
        ulong? list = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            bool isList = reader.ValueTextEquals("messages"u8) || reader.ValueTextEquals("contents"u8);
            ulong name = Text(ref reader);
            reader.Read();
            if (isList && reader.TokenType == JsonTokenType.StartArray)
                list = Last(ref reader);
            else
                members += Mix(name ^ (Value(ref reader, isMessage: true) * 5));
        }

        return list ?? Mix(members + 1);
    }

    private static ulong Value(ref Utf8JsonReader reader, bool isMessage)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                // A sum, so that the order of members does not matter.
                ulong members = 0;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    bool isNew = isMessage && IsId(ref reader);
                    ulong name = Text(ref reader);
                    reader.Read();
                    ulong value = Value(ref reader, isMessage);
                    members += isNew ? 0 : Mix(name ^ (value * 5));
                }

                return Mix(members + 1);
            case JsonTokenType.StartArray:
                ulong elements = 2;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    elements = Join(elements, Value(ref reader, isMessage));
                return elements;
            case JsonTokenType.String:
                return Text(ref reader);
            case JsonTokenType.Number:
                return Number(ref reader);
            default:
                return Mix((ulong)reader.TokenType);
        }
    }

    private static bool IsId(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("call_id"u8) || reader.ValueTextEquals("tool_call_id"u8) || reader.ValueTextEquals("toolCallId"u8);

    private static ulong Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return Bytes(reader.ValueSpan);
        if (reader.ValueSpan.Length <= 512)
        {
            Span<byte> few = stackalloc byte[512];
            return Bytes(few[..reader.CopyString(few)]);
        }

        byte[] many = System.Buffers.ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        ulong print = Bytes(many.AsSpan(0, reader.CopyString(many)));
        System.Buffers.ArrayPool<byte>.Shared.Return(many);
        return print;
    }

    /// <summary>By its value; of more digits than a double holds by its digits.</summary>
    private static ulong Number(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length <= 17 && reader.TryGetDouble(out double number) ? Mix((ulong)BitConverter.DoubleToInt64Bits(number == 0 ? 0 : number) + 7) : Bytes(reader.ValueSpan);

    private static ulong Bytes(ReadOnlySpan<byte> bytes)
    {
        ulong print = 0x9E3779B97F4A7C15 ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            print = Mix(print ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        foreach (byte one in bytes)
            rest = (rest << 8) | one;
        return Mix(print ^ rest);
    }

    private static ulong Mix(ulong print)
    {
        print = (print ^ (print >> 32)) * 0xD6E8FEB86659FD93;
        print = (print ^ (print >> 32)) * 0xD6E8FEB86659FD93;
        return print ^ (print >> 32);
    }
}
