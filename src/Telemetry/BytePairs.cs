using System.Numerics;
using System.Runtime.Intrinsics;

namespace Handrail.Telemetry;

/// <summary>A set of pairs of bytes, found sixteen places at a time in a text in which they are rare.</summary>
/// <remarks>
/// Each pair is in one of eight groups. Tables by the upper and the lower half of a byte say for which groups it may be the first and for which the
/// second; four look-ups tell sixteen places that may begin a pair, and the exact set tells which of them do.
/// </remarks>
internal sealed class BytePairs
{
    private const int Places = 16;

    private readonly ulong[] _exact = new ulong[65_536 / 64];
    private readonly byte[] _firstLow = new byte[Places];
    private readonly byte[] _firstHigh = new byte[Places];
    private readonly byte[] _secondLow = new byte[Places];
    private readonly byte[] _secondHigh = new byte[Places];

    public void Add(byte first, byte second)
    {
        _exact[((first << 8) | second) >> 6] |= 1UL << (second & 63);

        // Neighbours share a group: what the halves can't tell apart is of one kind then.
        byte group = (byte)(1 << ((first >> 2) & 7));
        _firstLow[first & 15] |= group;
        _firstHigh[first >> 4] |= group;
        _secondLow[second & 15] |= group;
        _secondHigh[second >> 4] |= group;
    }

    /// <summary>Whatever follows it.</summary>
    public void AddAll(byte first)
    {
        for (int second = 0; second < 256; second++)
            Add(first, (byte)second);
    }

    /// <summary>Where the next pair begins, at <paramref name="at"/> or behind it; -1 when none does.</summary>
    public int Next(ReadOnlySpan<byte> text, int at)
    {
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<byte> low = Vector128.Create((byte)15);
            (Vector128<byte> firstLow, Vector128<byte> firstHigh) = (Vector128.Create(_firstLow), Vector128.Create(_firstHigh));
            (Vector128<byte> secondLow, Vector128<byte> secondHigh) = (Vector128.Create(_secondLow), Vector128.Create(_secondHigh));
            for (; at + Places < text.Length; at += Places)
            {
                Vector128<byte> first = Vector128.Create(text.Slice(at, Places));
                Vector128<byte> second = Vector128.Create(text.Slice(at + 1, Places));
                Vector128<byte> groups = Vector128.Shuffle(firstLow, first & low) & Vector128.Shuffle(firstHigh, first >>> 4)
                    & Vector128.Shuffle(secondLow, second & low) & Vector128.Shuffle(secondHigh, second >>> 4);
                uint may = ~Vector128.Equals(groups, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;
                for (; may != 0; may &= may - 1)
                {
                    int place = at + BitOperations.TrailingZeroCount(may);
                    if (Begins(text, place))
                        return place;
                }
            }
        }

        for (; at + 1 < text.Length; at++)
        {
            if (Begins(text, at))
                return at;
        }

        return -1;
    }

    private bool Begins(ReadOnlySpan<byte> text, int at) => (_exact[((text[at] << 8) | text[at + 1]) >> 6] & (1UL << (text[at + 1] & 63))) != 0;
}
