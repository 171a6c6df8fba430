using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Handrail.Policy;

namespace Handrail.Client.Wire;

/// <summary>
/// A compact JWS (RFC 7515) of the console, under ES256 and of one type, taken apart. Nothing in it is to be believed before <see cref="IsSignedBy"/> has said yes.
/// </summary>
internal sealed class SignedToken
{
    private const int Longest = 8_192;
    private const string Algorithm = "ES256";

    private readonly byte[] _signed;
    private readonly byte[] _signature;

    private SignedToken(string kid, JsonElement claims, byte[] signed, byte[] signature) => (Kid, Claims, _signed, _signature) = (kid, claims, signed, signature);

    /// <summary>The key that it says it was signed with.</summary>
    public string Kid { get; }

    public JsonElement Claims { get; }

    /// <summary>Null for whatever is none, says anything twice, or is of another type or algorithm.</summary>
    public static SignedToken? Read(string token, string type)
    {
        var parts = token.Length > Longest ? [] : token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || Decode(parts[1]) is not { } claims || !Base64Url.IsValid(parts[2])
            || Text(header, "alg") != Algorithm || Text(header, "typ") != type || header.TryGetProperty("crit", out _) || Text(header, "kid") is not { } kid)
        {
            return null;
        }

        // Another spelling of the same bytes was not written by the console.
        var signature = Base64Url.DecodeFromChars(parts[2]);
        return Base64Url.EncodeToString(signature) != parts[2] ? null : new SignedToken(kid, claims, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature);
    }

    public bool IsSignedBy(PublishedKey published)
    {
        try
        {
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Base64Url.DecodeFromChars(published.X), Y = Base64Url.DecodeFromChars(published.Y) },
            });
            return key.VerifyData(_signed, _signature, HashAlgorithmName.SHA256);
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            // What is listed is no point on the curve.
            return false;
        }
    }

    /// <summary>A member that is text.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Decode(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
            var root = document.RootElement;
            return root.ValueKind is JsonValueKind.Object && CanonicalJson.TrySerialize(root, out _) ? root.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
