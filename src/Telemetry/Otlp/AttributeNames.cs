using System.Buffers.Binary;
using System.Text;

namespace Handrail.Telemetry;

/// <summary>
/// The attribute names that the dialect table speaks of, each with a number, found by their UTF-8 bytes without making a
/// string. Filled while the table is set up, only read from then on.
/// </summary>
internal sealed class AttributeNames
{
    /// <summary>More names than the table has; a power of two, so that the hash is cut by a mask.</summary>
    private const int Buckets = 1024;

    private readonly List<byte[]> _names = [];
    private readonly List<byte[]> _prefixes = [];
    private readonly short[] _buckets = new short[Buckets];

    public static AttributeNames Shared { get; } = new();

    public int Count => _names.Count;

    /// <summary>The number of a name, given out when it is first asked for.</summary>
    public int SlotOf(string name)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        int slot = Find(utf8);
        if (slot >= 0)
            return slot;
        if (_names.Count == Buckets / 2)
            throw new InvalidOperationException("The dialect table has outgrown its index.");
        _names.Add(utf8);
        uint bucket = Hash(utf8);
        while (_buckets[bucket & (Buckets - 1)] != 0)
            bucket++;
        _buckets[bucket & (Buckets - 1)] = (short)_names.Count;
        return _names.Count - 1;
    }

    public int Find(ReadOnlySpan<byte> name)
    {
        for (uint bucket = Hash(name); ; bucket++)
        {
            int entry = _buckets[bucket & (Buckets - 1)];
            if (entry == 0)
                return -1;
            if (name.SequenceEqual(_names[entry - 1]))
                return entry - 1;
        }
    }

    /// <summary>The number (from 1) of a prefix of names that carry an index, such as <c>gen_ai.prompt.</c></summary>
    public int PrefixOf(string prefix)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(prefix);
        int at = _prefixes.FindIndex(known => known.AsSpan().SequenceEqual(utf8));
        if (at >= 0)
            return at + 1;
        _prefixes.Add(utf8);
        return _prefixes.Count;
    }

    public int PrefixLength(int prefix) => _prefixes[prefix - 1].Length;

    /// <summary>The prefix that is followed by an index in this name, or 0.</summary>
    public int FindPrefix(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _prefixes.Count; i++)
        {
            byte[] prefix = _prefixes[i];
            if (name.Length > prefix.Length && char.IsAsciiDigit((char)name[prefix.Length]) && name.StartsWith(prefix))
                return i + 1;
        }

        return 0;
    }

    /// <summary>Names of one dialect begin alike, so the end and the middle tell them apart.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        ulong hash = (ulong)name.Length * 0x9E3779B97F4A7C15;
        if (name.Length >= 8)
        {
            hash ^= BinaryPrimitives.ReadUInt64LittleEndian(name[^8..]) * 0xC2B2AE3D27D4EB4F;
            hash ^= BinaryPrimitives.ReadUInt64LittleEndian(name[((name.Length - 8) / 2)..]) * 0x165667B19E3779F9;
        }
        else
        {
            foreach (byte letter in name)
                hash = (hash ^ letter) * 0x100000001B3;
        }

        return (uint)(hash >> 40);
    }
}
