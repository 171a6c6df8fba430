using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Handrail.Access;

/// <summary>Keys and tokens: random, shown once, stored only as a hash.</summary>
public static class Secrets
{
    public const string AgentPrefix = "hra_";
    public const string PersonPrefix = "hru_";

    /// <summary>A new secret of 256 random bits: too many to guess, so that a plain hash of it is enough.</summary>
    public static string New(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored and looked up: SHA-256, hex. The look-up compares hashes, so its time tells nothing of the secret.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
