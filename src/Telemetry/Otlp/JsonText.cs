using System.Globalization;
using System.Text.Json;

namespace Handrail.Telemetry;

/// <summary>Writes attributes as JSON: numbers as numbers, bytes as base64, an empty value as null.</summary>
internal static class JsonText
{
    /// <summary>A value nested deeper than this is cut off, with a mark.</summary>
    private const int MaxDepth = 16;

    private const int MaxKeyBytes = 256;

    /// <summary>One step's JSON stays near this size: what comes later is counted, not written.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Writes the set's attributes as members of the object that is open; returns how many did not fit.</summary>
    public static int WriteMembers(Utf8JsonWriter json, ReadOnlySpan<byte> body, AttributeSet attributes)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            if (attributes.IsTaken(i))
                continue;
            if (IsFull(json))
                return attributes.Count - i + attributes.Dropped;
            Attribute attribute = attributes[i];
            WriteName(json, body.Slice(attribute.Key.Start, attribute.Key.Length));
            WriteValue(json, body, attribute.Value, 0);
        }

        return attributes.Dropped;
    }

    public static bool IsFull(Utf8JsonWriter json) => json.BytesCommitted + json.BytesPending > MaxBytes;

    public static void WriteName(Utf8JsonWriter json, ReadOnlySpan<byte> name)
    {
        if (name.Length <= MaxKeyBytes && !name.Contains((byte)0))
            json.WritePropertyName(name);
        else
            json.WritePropertyName(TextPool.Decode(name[..TextPool.Cut(name, MaxKeyBytes)]));
    }

    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (text.Length <= TextPool.MaxBytes && !text.Contains((byte)0))
            json.WriteStringValue(text);
        else
            json.WriteStringValue(TextPool.Decode(text));
    }

    public static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> body, AnyValue value, int depth)
    {
        ReadOnlySpan<byte> bytes = body.Slice(value.Slice.Start, value.Slice.Length);
        switch (value.Kind)
        {
            case ValueKind.Text:
                WriteText(json, bytes);
                break;
            case ValueKind.Bool:
                json.WriteBooleanValue(value.Bits != 0);
                break;
            case ValueKind.Int:
                json.WriteNumberValue(value.Bits);
                break;
            case ValueKind.Double when double.IsFinite(value.Double):
                json.WriteNumberValue(value.Double);
                break;
            case ValueKind.Double:
                json.WriteStringValue(value.Double.ToString(CultureInfo.InvariantCulture));
                break;
            case ValueKind.Bytes:
                json.WriteBase64StringValue(bytes[..Math.Min(bytes.Length, TextPool.MaxBytes)]);
                break;
            case ValueKind.Array or ValueKind.Map when depth == MaxDepth:
                json.WriteStringValue("… [nested too deep]");
                break;
            case ValueKind.Array:
                WriteArray(json, body, value.Slice, depth);
                break;
            case ValueKind.Map:
                WriteMap(json, body, value.Slice, depth);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteArray(Utf8JsonWriter json, ReadOnlySpan<byte> body, Slice array, int depth)
    {
        json.WriteStartArray();
        var reader = new WireReader(body, array);
        while (reader.Next(out int field, out WireType type))
        {
            if (field != 1 || type != WireType.Bytes)
                reader.Skip(field, type);
            else if (!IsFull(json))
                WriteValue(json, body, AnyValue.Read(body, reader.ReadBytes()), depth + 1);
            else
                break;
        }

        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, ReadOnlySpan<byte> body, Slice map, int depth)
    {
        json.WriteStartObject();
        var reader = new WireReader(body, map);
        while (reader.Next(out int field, out WireType type))
        {
            if (field != 1 || type != WireType.Bytes)
            {
                reader.Skip(field, type);
                continue;
            }

            if (IsFull(json))
                break;
            Attribute member = Attribute.Read(body, reader.ReadBytes());
            WriteName(json, body.Slice(member.Key.Start, member.Key.Length));
            WriteValue(json, body, member.Value, depth + 1);
        }

        json.WriteEndObject();
    }
}
