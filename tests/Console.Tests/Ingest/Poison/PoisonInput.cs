using System.IO.Compression;
using System.Text.Json;

namespace Handrail.Ingest.Poison;

/// <summary>How a request is broken beyond what stands in its body.</summary>
internal enum Breakage
{
    None,

    /// <summary>The body ends before the length that was announced.</summary>
    TooShort,

    /// <summary>Chunks whose sizes are no numbers, or a frame of gRPC that lies about its length.</summary>
    Framing,

    /// <summary>A content type or an encoding that there is none of.</summary>
    Header,
}

/// <summary>One request of the fuzzer: made of a seed and the input's number, and so made again the same.</summary>
internal sealed record PoisonInput(PoisonDoor Door, byte[] Body, bool Gzip, Breakage Breakage, bool CarriesGood, int Chance)
{
    private const int MostBytes = 16 * 1024 * 1024;

    /// <summary>What it is packed with, where it is: over gRPC deflate is known as well.</summary>
    public string Packing { get; init; } = "gzip";

    public static PoisonInput Make(PoisonCorpus corpus, Random random, byte[]? good, PoisonDoor door)
    {
        var poison = Poison(corpus, door, random);
        var carries = good is not null;
        var body = !carries ? poison : door.Json ? PoisonCorpus.Whole(door, good!, Inner(door, poison, random)) : Wire.Join(good!, poison);
        var gzip = random.Next(3) == 0;
        var breakage = random.Next(30) == 0 ? (Breakage)random.Next(1, 4) : Breakage.None;
        var packing = door.Grpc && random.Next(2) == 0 ? "deflate" : "gzip";
        if (gzip)
        {
            body = Packed(body, packing, random, out var broken);
            breakage = broken && breakage == Breakage.None ? Breakage.Framing : breakage;
        }

        return new PoisonInput(door, body, gzip, breakage, carries, random.Next(100)) { Packing = packing };
    }

    private static byte[] Poison(PoisonCorpus corpus, PoisonDoor door, Random random)
    {
        var seed = corpus.Seed(door, random);
        if (seed.Length > 200_000)
        {
            return random.Next(2) == 0 ? seed : ByteMutations.Mutate(seed, random);
        }

        var poison = door.Json ? seed : random.Next(2) == 0 ? WireMutations.NewIds(seed, random) : seed;
        poison = random.Next(10) switch
        {
            0 => poison,
            < 4 => ByteMutations.Mutate(poison, random),
            _ => door.Json ? JsonMutations.Mutate(poison, random) : WireMutations.Mutate(poison, random),
        };
        return poison.Length > MostBytes ? seed : poison;
    }

    /// <summary>The records within a JSON request; now and then the request itself, where a record should be.</summary>
    private static byte[] Inner(PoisonDoor door, byte[] poison, Random random)
    {
        var head = System.Text.Encoding.UTF8.GetBytes($"{{\"{door.List}\":[");
        if (random.Next(20) == 0 || !poison.AsSpan().StartsWith(head) || !poison.AsSpan().EndsWith("]}"u8) || poison.Length < head.Length + 3)
        {
            return poison.Length == 0 ? "0"u8.ToArray() : poison;
        }

        return poison[head.Length..^2];
    }

    private static byte[] Packed(byte[] body, string packing, Random random, out bool broken)
    {
        var packed = Pack(body, packing);
        broken = true;
        switch (random.Next(12))
        {
            case 0:
                return packed[..random.Next(packed.Length)];
            case 1:
                return Pack(packed, packing);
            case 2:
                return ByteMutations.Mutate(packed, random);
            case 3:
                return body;
            default:
                broken = false;
                return packed;
        }
    }

    public static byte[] Pack(byte[] body, string packing)
    {
        using var packed = new MemoryStream();
        using (Stream packer = packing == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true) : new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            packer.Write(body);
        }

        return packed.ToArray();
    }

    public override string ToString() =>
        $"{Door.Name}{(Gzip ? ", " + Packing : "")}, {Breakage}, {(CarriesGood ? "with" : "without")} a good record, {Body.Length} bytes: {JsonSerializer.Serialize(Convert.ToBase64String(Body.AsSpan(0, Math.Min(Body.Length, 6_000))))}";
}
