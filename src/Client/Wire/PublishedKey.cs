using System.Text.Json;

namespace Handrail.Client.Wire;

/// <summary>A key that the console lists at <c>/.well-known/jwks.json</c> (RFC 7517): a point on the curve P-256, base64url.</summary>
internal sealed record PublishedKey(string Kid, string X, string Y)
{
    public const string Path = "/.well-known/jwks.json";

    /// <summary>Those of a list that can verify what the console signs; null for what is no list.</summary>
    public static IReadOnlyList<PublishedKey>? Read(JsonElement list)
    {
        if (list.ValueKind is not JsonValueKind.Object || !list.TryGetProperty("keys", out var keys) || keys.ValueKind is not JsonValueKind.Array)
        {
            return null;
        }

        var read = new List<PublishedKey>();
        foreach (var key in keys.EnumerateArray())
        {
            if (SignedToken.Text(key, "kty") is "EC" && SignedToken.Text(key, "crv") is "P-256"
                && SignedToken.Text(key, "kid") is { } kid && SignedToken.Text(key, "x") is { } x && SignedToken.Text(key, "y") is { } y)
            {
                read.Add(new PublishedKey(kid, x, y));
            }
        }

        return read;
    }
}
