using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Handrail.Telemetry;

/// <summary>Writes the protobuf wire format, into memory that goes back to the pool with it.</summary>
/// <param name="expected">Bytes that will be written, as far as that is known.</param>
internal sealed class WireWriter(int expected = 256) : IDisposable
{
    /// <summary>A length is reserved in this many bytes before its message is known, and padded to them.</summary>
    private const int LengthBytes = 5;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(expected);
    private int _count;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _count);

    public void Clear() => _count = 0;

    public void WriteVarint(int field, ulong value)
    {
        WriteTag(field, WireType.Varint);
        WriteNumber(value);
    }

    public void WriteFixed64(int field, ulong value)
    {
        WriteTag(field, WireType.Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
    }

    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, WireType.Bytes);
        WriteNumber((ulong)value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    public void WriteText(int field, string value) => WriteBytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Opens a message; what it returns closes it again.</summary>
    public int BeginMessage(int field)
    {
        WriteTag(field, WireType.Bytes);
        Reserve(LengthBytes);
        return _count;
    }

    public void EndMessage(int start)
    {
        uint length = (uint)(_count - start);
        Span<byte> place = _buffer.AsSpan(start - LengthBytes, LengthBytes);
        for (int i = 0; i < LengthBytes - 1; i++, length >>= 7)
            place[i] = (byte)(length | 0x80);
        place[LengthBytes - 1] = (byte)length;
    }

    /// <summary>Forgets what was written since the position, as if it had not come.</summary>
    public void BackTo(int position) => _count = position;

    public int Position => _count;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _count) = ([], 0);
    }

    private void WriteTag(int field, WireType type) => WriteNumber(((ulong)field << 3) | (ulong)type);

    private void WriteNumber(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            Reserve(1)[0] = (byte)(value | 0x80);
        Reserve(1)[0] = (byte)value;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _count < bytes)
            Grow(bytes);
        Span<byte> place = _buffer.AsSpan(_count, bytes);
        _count += bytes;
        return place;
    }

    private void Grow(int bytes)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_count + bytes, (int)Math.Min(Array.MaxLength, 2L * _buffer.Length)));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
