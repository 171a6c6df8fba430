using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Store;

namespace Handrail.Audit;

/// <summary>What is signed at a day's end.</summary>
/// <param name="Day">In UTC.</param>
/// <param name="FirstSeq">The record after the last one of the head before.</param>
/// <param name="LastSeq">The last record of the day. Records of the next day may stand before it: times are those of the deeds, numbers those of their commits.</param>
/// <param name="Records">From the first to the last.</param>
/// <param name="LastHash">The hash of the last record, and so of all before it.</param>
/// <param name="Previous">SHA-256 in hexadecimal over the head before, as it was signed; 64 zeros for the first.</param>
public sealed record AuditHead(DateOnly Day, long FirstSeq, long LastSeq, long Records, string LastHash, string Previous)
{
    /// <summary>So that no other token of ours could pass for a head.</summary>
    public const string Type = "handrail-audit-day+jwt";

    public const string Algorithm = "ES256";

    /// <summary>Longer ones are none of ours.</summary>
    public const int Longest = 4_096;

    /// <summary>A head as it goes out: compact JWS.</summary>
    internal string Sign(string keyId, ECDsa key)
    {
        var text = $"{Encode(new { alg = Algorithm, kid = keyId, typ = Type })}.{Encode(this)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    /// <summary>What the next head says of this one.</summary>
    internal static string DigestOf(string head) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(head)));

    /// <summary>The key that a head names; null when it is none.</summary>
    internal static string? KeyOf(string head) => Part(head, 0) is { ValueKind: JsonValueKind.Object } header && Text(header, "alg") == Algorithm && Text(header, "typ") == Type ? Text(header, "kid") : null;

    /// <summary>What it says, once its signature has been found good; null otherwise.</summary>
    internal static AuditHead? Read(string head, ECDsa key)
    {
        var parts = head.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[2])
            || !key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            return null;
        }

        return Claimed(head);
    }

    /// <summary>What it says, whoever signed it; null when it says nothing of the kind.</summary>
    internal static AuditHead? Claimed(string head)
    {
        try
        {
            return Part(head, 1)?.Deserialize<AuditHead>(JsonText.Options) is { LastHash: not null, Previous: not null } said ? said : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Encode<T>(T part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part, JsonText.Options));

    private static JsonElement? Part(string head, int number)
    {
        var parts = head.Length > Longest ? [] : head.Split('.');
        if (parts.Length != 3 || !Base64Url.IsValid(parts[number]))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(parts[number]));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement header, string member) =>
        header.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
