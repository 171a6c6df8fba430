using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Handrail.Policy;

/// <summary>Which allowed actions a person looks at afterwards.</summary>
internal static class Sample
{
    /// <summary>Decided by a hash of the action's id within its session: evenly spread, and the same whenever it is asked again.</summary>
    public static bool Includes(IReadOnlyList<PolicyLayer> layers, Subject subject)
    {
        var rate = 0m;
        foreach (var layer in layers) rate = Math.Max(rate, layer.Document.Review.SampleRate ?? 0);
        if (rate == 0) return false;

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{subject.Facts.SessionId}\n{subject.Action.ActionId}"), hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash) < rate * (uint.MaxValue + 1m);
    }
}
