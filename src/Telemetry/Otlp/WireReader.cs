using System.Buffers.Binary;
using System.Diagnostics;

namespace Handrail.Telemetry;

/// <summary>A stretch of the request body.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    public int End => Start + Length;
}

internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}

/// <summary>
/// Reads the protobuf wire format in place. Positions are those of the whole body, so that what is found can be kept as
/// a <see cref="Slice"/>. Whatever is not well-formed ends in <see cref="OtlpFormatException"/>.
/// </summary>
internal ref struct WireReader
{
    /// <summary>Groups left the format long ago; one may still stand in an unknown field, but not deeper than this.</summary>
    private const int MaxGroupDepth = 32;

    private readonly ReadOnlySpan<byte> _body;
    private readonly int _end;
    private int _position;

    public WireReader(ReadOnlySpan<byte> body, Slice part)
    {
        _body = body;
        _position = part.Start;
        _end = part.End;
    }

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool Next(out int field, out WireType type)
    {
        if (_position == _end)
        {
            field = 0;
            type = default;
            return false;
        }

        ulong tag = ReadVarint();
        field = (int)(tag >> 3);
        type = (WireType)(tag & 7);
        if (tag > uint.MaxValue || field == 0)
            throw new OtlpFormatException("A protobuf tag is not valid.");
        return true;
    }

    public ulong ReadVarint()
    {
        ReadOnlySpan<byte> rest = _body[_position.._end];
        if (rest.Length > 0 && rest[0] < 0x80)
        {
            _position++;
            return rest[0];
        }

        ulong value = 0;
        for (int i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                _position += i + 1;
                return value;
            }
        }

        throw new OtlpFormatException("A protobuf number is cut off or too long.");
    }

    public ulong ReadFixed64()
    {
        Require(8);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_body[_position..]);
        _position += 8;
        return value;
    }

    public Slice ReadBytes()
    {
        ulong length = ReadVarint();
        if (length > (ulong)(_end - _position))
            throw new OtlpFormatException("A protobuf field is longer than its message.");
        var slice = new Slice(_position, (int)length);
        _position += (int)length;
        return slice;
    }

    public void Skip(int field, WireType type) => Skip(field, type, 0);

    private void Skip(int field, WireType type, int depth)
    {
        switch (type)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                Require(8);
                _position += 8;
                break;
            case WireType.Bytes:
                ReadBytes();
                break;
            case WireType.Fixed32:
                Require(4);
                _position += 4;
                break;
            case WireType.StartGroup when depth < MaxGroupDepth:
                SkipGroup(field, depth);
                break;
            default:
                throw new OtlpFormatException("A protobuf field has a wire type that can't stand there.");
        }
    }

    private void SkipGroup(int group, int depth)
    {
        while (Next(out int field, out WireType type))
        {
            if (type != WireType.EndGroup)
            {
                Skip(field, type, depth + 1);
                continue;
            }

            if (field == group)
                return;
            break;
        }

        throw new OtlpFormatException("A protobuf group does not end.");
    }

    private readonly void Require(int bytes)
    {
        Debug.Assert(_position <= _end);
        if (_end - _position < bytes)
            throw new OtlpFormatException("A protobuf field is cut off.");
    }
}
