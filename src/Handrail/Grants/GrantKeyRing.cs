using System.Security.Cryptography;

namespace Handrail.Grants;

/// <summary>A key made ready. Signing and verifying are safe from several threads at once.</summary>
internal sealed class ReadyKey(string id, string x, string y, DateTimeOffset signsFrom, DateTimeOffset? trustedUntil, ECDsa key)
{
    public string Id { get; } = id;

    public string X { get; } = x;

    public string Y { get; } = y;

    public DateTimeOffset SignsFrom { get; } = signsFrom;

    public DateTimeOffset? TrustedUntil { get; } = trustedUntil;

    public bool IsTrusted(DateTimeOffset now) => TrustedUntil is null || TrustedUntil > now;

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (key)
        {
            return key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        lock (key)
        {
            return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }
}

/// <summary>The keys as they stood when they were read.</summary>
internal sealed record GrantKeyRing(IReadOnlyList<ReadyKey> Keys, DateTimeOffset ReadAt)
{
    /// <summary>The newest that may sign by now; null where there is none.</summary>
    public ReadyKey? Signing(DateTimeOffset now) =>
        Keys.Where(k => k.IsTrusted(now) && k.SignsFrom <= now).MaxBy(k => k.SignsFrom);

    public ReadyKey? Trusted(string id, DateTimeOffset now) => Keys.FirstOrDefault(k => k.Id == id && k.IsTrusted(now));
}
