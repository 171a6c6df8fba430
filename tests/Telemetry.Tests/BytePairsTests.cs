using CsCheck;

namespace Handrail.Telemetry;

/// <summary>Pairs of bytes are found where they stand, in texts of any length and at any place in them.</summary>
public sealed class BytePairsTests
{
    /// <summary>Few enough bytes that pairs come up, and some that share the halves of others.</summary>
    private static readonly Gen<byte> Byte = Gen.OneOf(Gen.OneOfConst<byte>((byte)'a', (byte)'b', (byte)'q', (byte)'A', (byte)'1', (byte)'-', 0, 255, 128), Gen.Byte);

    [Fact]
    public void Each_pair_is_found_and_nothing_else()
    {
        Gen.Select(Gen.Select(Byte, Byte).Array[0, 12], Byte.Array[0, 80]).Sample((set, text) =>
        {
            var pairs = new BytePairs();
            foreach ((byte first, byte second) in set)
                pairs.Add(first, second);
            var wanted = Enumerable.Range(0, Math.Max(0, text.Length - 1)).Where(i => set.Contains((text[i], text[i + 1]))).ToList();

            var found = new List<int>();
            for (int at = pairs.Next(text, 0); at >= 0; at = pairs.Next(text, at + 1))
                found.Add(at);

            Assert.Equal(wanted, found);
        });
    }

    [Fact]
    public void A_byte_that_counts_whatever_follows_is_found_before_any_other()
    {
        Gen.Select(Byte, Byte.Array[0, 80]).Sample((wanted, text) =>
        {
            var pairs = new BytePairs();
            pairs.AddAll(wanted);

            Assert.Equal(text.AsSpan(0, Math.Max(0, text.Length - 1)).IndexOf(wanted), pairs.Next(text, 0));
        });
    }
}
