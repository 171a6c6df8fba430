using System.Security.Cryptography;
using Handrail.Store;
using Microsoft.AspNetCore.DataProtection;

namespace Handrail.Notify;

/// <summary>What is secret of channels, encrypted at rest with the keys that all processes of the console share.</summary>
public sealed class ChannelSecrets(IDataProtectionProvider protection)
{
    /// <summary>What the signing secrets of Standard Webhooks begin with.</summary>
    public const string SigningPrefix = "whsec_";

    private const int SigningBytes = 32;

    private readonly IDataProtector _protector = protection.CreateProtector("Handrail.Notify.ChannelSecret.v1");

    public string Hide(ChannelSecret secret) => _protector.Protect(JsonText.Of(secret));

    /// <returns>Null where the channel has none.</returns>
    /// <exception cref="CryptographicException">It was encrypted with keys that are no longer there.</exception>
    public ChannelSecret? Reveal(Channel channel) => channel.Secret is null ? null : JsonText.Read<ChannelSecret>(_protector.Unprotect(channel.Secret));

    /// <summary>The same; null as well where it can't be decrypted any more.</summary>
    public ChannelSecret? RevealOrNull(Channel channel)
    {
        try
        {
            return Reveal(channel);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public static string NewSigningSecret() => SigningPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SigningBytes));

    /// <summary>The bytes of a signing secret; null when it is none.</summary>
    public static byte[]? SigningKey(string secret)
    {
        if (!secret.StartsWith(SigningPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        // As Standard Webhooks has it: from 24 to 64 bytes.
        var key = new byte[64];
        return Convert.TryFromBase64String(secret[SigningPrefix.Length..], key, out var length) && length >= 24 ? key[..length] : null;
    }
}
