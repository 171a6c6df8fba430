namespace Handrail.Telemetry;

internal enum ValueKind : byte
{
    Empty,
    Text,
    Bool,
    Int,
    Double,
    Array,
    Map,
    Bytes,
}

/// <summary>
/// A value of an attribute as it lies in the request body: numbers are read, everything else is where it begins and ends.
/// </summary>
internal readonly record struct AnyValue(ValueKind Kind, Slice Slice, long Bits)
{
    public double Double => BitConverter.Int64BitsToDouble(Bits);

    public static AnyValue Read(ReadOnlySpan<byte> body, Slice message)
    {
        AnyValue value = default;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    value = new AnyValue(ValueKind.Text, reader.ReadBytes(), 0);
                    break;
                case (2, WireType.Varint):
                    value = new AnyValue(ValueKind.Bool, default, reader.ReadVarint() == 0 ? 0 : 1);
                    break;
                case (3, WireType.Varint):
                    value = new AnyValue(ValueKind.Int, default, (long)reader.ReadVarint());
                    break;
                case (4, WireType.Fixed64):
                    value = new AnyValue(ValueKind.Double, default, (long)reader.ReadFixed64());
                    break;
                case (5, WireType.Bytes):
                    value = new AnyValue(ValueKind.Array, reader.ReadBytes(), 0);
                    break;
                case (6, WireType.Bytes):
                    value = new AnyValue(ValueKind.Map, reader.ReadBytes(), 0);
                    break;
                case (7, WireType.Bytes):
                    value = new AnyValue(ValueKind.Bytes, reader.ReadBytes(), 0);
                    break;
                default:
                    reader.Skip(field, type);
                    break;
            }
        }

        return value;
    }
}

/// <summary>One attribute as it lies in the request body.</summary>
internal readonly record struct Attribute(Slice Key, AnyValue Value)
{
    public static Attribute Read(ReadOnlySpan<byte> body, Slice message)
    {
        Slice key = default;
        AnyValue value = default;
        var reader = new WireReader(body, message);
        while (reader.Next(out int field, out WireType type))
        {
            if (type == WireType.Bytes && field == 1)
                key = reader.ReadBytes();
            else if (type == WireType.Bytes && field == 2)
                value = AnyValue.Read(body, reader.ReadBytes());
            else
                reader.Skip(field, type);
        }

        return new Attribute(key, value);
    }
}
