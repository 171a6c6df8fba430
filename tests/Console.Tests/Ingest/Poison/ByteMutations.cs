namespace Handrail.Ingest.Poison;

/// <summary>Mutates bytes without knowing what they mean.</summary>
internal static class ByteMutations
{
    private static readonly byte[][] Nasty = [[0xFF], [0x80], [0x00], "\""u8.ToArray(), "{"u8.ToArray(), "]"u8.ToArray(), "\\"u8.ToArray(), "\\ud800"u8.ToArray(), [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]];

    public static byte[] Mutate(byte[] body, Random random)
    {
        for (var times = random.Next(1, 6); times > 0; times--)
        {
            body = Once(body, random);
        }

        return body;
    }

    private static byte[] Once(byte[] body, Random random)
    {
        var what = random.Next(3) == 0 ? Any(random) : Nasty[random.Next(Nasty.Length)];
        if (body.Length == 0)
        {
            return what;
        }

        var at = random.Next(body.Length);
        var over = Math.Min(what.Length, body.Length - at);
        return random.Next(6) switch
        {
            0 => [.. body[..at], .. what[..over], .. body[(at + over)..]],
            1 => [.. body[..at], .. body[(at + over)..]],
            2 => [.. body[..at], .. what, .. body[at..]],
            3 => body[..at],
            4 => [.. body[..at], .. body[(at / 2)..]],
            _ => [.. body[..at], (byte)(body[at] ^ (1 << random.Next(8))), .. body[(at + 1)..]],
        };
    }

    private static byte[] Any(Random random)
    {
        var bytes = new byte[random.Next(1, 7)];
        random.NextBytes(bytes);
        return bytes;
    }
}
