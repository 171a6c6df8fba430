using System.Buffers.Binary;

namespace Handrail.Ingest.Poison;

/// <summary>A field of a protobuf message as it is on the wire, and what a mutation has made of it.</summary>
internal sealed class WireField
{
    public int Number { get; set; }

    /// <summary>0 for a varint, 1 for eight bytes, 2 for bytes with their length, 5 for four bytes; the others are obsolete or none.</summary>
    public int Type { get; set; }

    public ulong Value { get; set; }

    public byte[] Content { get; set; } = [];

    /// <summary>The content as a message; null where it is none.</summary>
    public List<WireField>? Parts { get; set; }

    public int Copies { get; set; } = 1;

    /// <summary>The length as it is written, where it is a lie.</summary>
    public ulong? LengthSaid { get; set; }

    /// <summary>Bytes that a varint takes at least.</summary>
    public int Overlong { get; set; } = 1;

    /// <summary>How often it is wrapped into itself.</summary>
    public int Depth { get; set; }

    /// <summary>Reads a message; null when the bytes are none.</summary>
    /// <param name="all">Takes every field at any depth.</param>
    public static List<WireField>? Read(byte[] bytes, int start, int end, int depth, List<WireField> all)
    {
        var fields = new List<WireField>();
        var found = all.Count;
        for (var at = start; at < end;)
        {
            if (!Varint(bytes, ref at, end, out var tag) || tag >> 3 is 0 or > 100 || !ReadValue(bytes, ref at, end, tag, depth, all, out var field))
            {
                all.RemoveRange(found, all.Count - found);
                return null;
            }

            fields.Add(field);
            all.Add(field);
        }

        return fields;
    }

    public void Write(Stream output)
    {
        for (var copy = 0; copy < Copies; copy++)
        {
            output.Write(Wire.Varint(((ulong)Number << 3) | (uint)Type, Overlong > 6 ? Overlong : 1));
            switch (Type)
            {
                case 0:
                    output.Write(Wire.Varint(Value, Overlong));
                    break;
                case 1:
                    output.Write(Fixed(8));
                    break;
                case 5:
                    output.Write(Fixed(4));
                    break;
                default:
                    var content = Inner();
                    for (var wrapped = 0; wrapped < Depth; wrapped++)
                    {
                        content = Wire.Field(Number, content);
                    }

                    output.Write(Wire.Varint(LengthSaid ?? (ulong)content.Length, Overlong));
                    output.Write(content);
                    break;
            }
        }
    }

    private byte[] Inner()
    {
        if (Parts is null)
        {
            return Content;
        }

        var inner = new MemoryStream();
        Parts.ForEach(p => p.Write(inner));
        return inner.ToArray();
    }

    private byte[] Fixed(int size)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Value);
        return bytes[..size];
    }

    private static bool ReadValue(byte[] bytes, ref int at, int end, ulong tag, int depth, List<WireField> all, out WireField field)
    {
        field = new WireField { Number = (int)(tag >> 3), Type = (int)(tag & 7) };
        switch (field.Type)
        {
            case 0 when Varint(bytes, ref at, end, out var number):
                field.Value = number;
                return true;
            case 1 when end - at >= 8:
                field.Value = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
                at += 8;
                return true;
            case 5 when end - at >= 4:
                field.Value = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
                at += 4;
                return true;
            case 2 when Varint(bytes, ref at, end, out var length) && length <= (ulong)(end - at):
                var to = at + (int)length;
                field.Parts = depth > 0 && length > 1 ? Read(bytes, at, to, depth - 1, all) : null;
                field.Content = field.Parts is null ? bytes[at..to] : [];
                at = to;
                return true;
            default:
                return false;
        }
    }

    private static bool Varint(byte[] bytes, ref int at, int end, out ulong value)
    {
        value = 0;
        for (var shift = 0; at < end && shift < 64; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
