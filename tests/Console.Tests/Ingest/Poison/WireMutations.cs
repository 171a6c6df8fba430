using System.Text;

namespace Handrail.Ingest.Poison;

/// <summary>Mutates a protobuf message field by field: what it was is still seen, and one thing about it is wrong.</summary>
internal static class WireMutations
{
    private const int DeepestFields = 12;

    private static readonly ulong[] NastyNumbers =
        [0, 1, 127, 128, int.MaxValue, uint.MaxValue, 1UL << 53, long.MaxValue, 1UL << 63, ulong.MaxValue, unchecked((ulong)-5L), 253_402_300_799_999_999, 0x7FF0000000000000, 0x7FF8000000000000, 0xFFF0000000000000, 0x7FEFFFFFFFFFFFFF];

    private static readonly byte[][] NastyBytes =
    [
        [], [0], [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [(byte)'a', 0, (byte)'b'],
        Encoding.UTF8.GetBytes("\u202E\u200B\u001B[31m"), Encoding.UTF8.GetBytes("NaN"), Encoding.UTF8.GetBytes("-1"), Encoding.UTF8.GetBytes("9223372036854775808"), Encoding.UTF8.GetBytes("1e400"),
        Encoding.UTF8.GetBytes("0001-01-01T00:00:00Z"), Encoding.UTF8.GetBytes("9999-12-31T23:59:59.9999999Z"), Encoding.UTF8.GetBytes("gen_ai.conversation.id"), Encoding.UTF8.GetBytes("gen_ai.agent.name"),
        Encoding.UTF8.GetBytes("gen_ai.usage.input_tokens"), Encoding.UTF8.GetBytes("session.id"), Encoding.UTF8.GetBytes("{\"a\":[1,2"), Encoding.UTF8.GetBytes(new string('é', 300)), Encoding.UTF8.GetBytes(new string('x', 10_000)), new byte[16], new byte[8],
    ];

    public static byte[] Mutate(byte[] message, Random random)
    {
        var fields = new List<WireField>();
        var roots = WireField.Read(message, 0, message.Length, DeepestFields, fields);
        if (roots is null || fields.Count == 0)
        {
            return ByteMutations.Mutate(message, random);
        }

        for (var times = random.Next(1, 4); times > 0; times--)
        {
            Mutate(fields[random.Next(fields.Count)], random);
        }

        var output = new MemoryStream(message.Length + 64);
        roots.ForEach(r => r.Write(output));
        return output.ToArray();
    }

    /// <summary>Gives the ids of a captured message anew, so that its traces are others.</summary>
    public static byte[] NewIds(byte[] message, Random random)
    {
        var fields = new List<WireField>();
        if (WireField.Read(message, 0, message.Length, DeepestFields, fields) is not { } roots)
        {
            return message;
        }

        var shift = (byte)random.Next(1, 256);
        var other = (byte)random.Next(256);
        foreach (var field in fields.Where(f => f is { Type: 2, Parts: null, Content.Length: 16 or 8 } && !f.Content.All(b => b is > 0x1F and < 0x7F)))
        {
            field.Content[0] ^= shift;
            field.Content[3] ^= other;
        }

        var output = new MemoryStream(message.Length);
        roots.ForEach(r => r.Write(output));
        return output.ToArray();
    }

    private static void Mutate(WireField field, Random random)
    {
        switch (random.Next(12))
        {
            case 0:
                field.Type = random.Next(8);
                break;
            case 1:
                field.Number = random.Next(4) == 0 ? random.Next(1 << 29) : random.Next(0, 20);
                break;
            case 2:
                field.Copies = 0;
                break;
            case 3:
                field.Copies = random.Next(10) == 0 ? random.Next(100, 1_000) : 2;
                break;
            case 4:
                field.LengthSaid = random.Next(3) switch { 0 => ulong.MaxValue, 1 => (ulong)random.Next(), _ => (ulong)random.Next(64) };
                break;
            case 5:
                field.Overlong = random.Next(2, 12);
                break;
            case 6:
                field.Depth = random.Next(10) == 0 ? random.Next(50, 400) : random.Next(1, 6);
                break;
            case 7 when field.Parts is not null:
                field.Parts.Reverse();
                break;
            default:
                field.Value = NastyNumbers[random.Next(NastyNumbers.Length)];
                if (field.Parts is null || random.Next(4) == 0)
                {
                    (field.Content, field.Parts) = (NastyBytes[random.Next(NastyBytes.Length)], null);
                }

                break;
        }
    }
}
