using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Handrail.Policy;

/// <summary>Which allowed actions a person looks at afterwards.</summary>
internal static class Sample
{
    private const int UsualLength = 256;

    /// <summary>Decided by a hash of the action's id within its session: evenly spread, and the same whenever it is asked again.</summary>
    public static bool Includes(IReadOnlyList<PolicyLayer> layers, string sessionId, string actionId)
    {
        var rate = 0m;
        for (var i = 0; i < layers.Count; i++) rate = Math.Max(rate, layers[i].Document.Review.SampleRate ?? 0);
        return rate > 0 && Hash(sessionId, actionId) < rate * (uint.MaxValue + 1m);
    }

    /// <summary>The first four bytes of SHA-256 over the UTF-8 of both ids with a line feed between.</summary>
    private static uint Hash(string sessionId, string actionId)
    {
        var most = Encoding.UTF8.GetMaxByteCount(sessionId.Length + 1 + actionId.Length);
        var rented = most > UsualLength ? ArrayPool<byte>.Shared.Rent(most) : null;
        Span<byte> text = rented ?? stackalloc byte[UsualLength];
        var length = Encoding.UTF8.GetBytes(sessionId, text);
        text[length++] = (byte)'\n';
        length += Encoding.UTF8.GetBytes(actionId, text[length..]);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}
