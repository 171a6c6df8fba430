using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Grants;

/// <summary>Writes grants as compact JWS (RFC 7515) under ES256 alone, and reads back only what was written here.</summary>
public sealed class GrantTokens(GrantKeys keys, GrantSettings settings, TimeProvider time)
{
    public const string Algorithm = "ES256";

    /// <summary>So that no other token of ours could pass for a grant (RFC 8725, 3.11).</summary>
    public const string Type = "handrail-grant+jwt";

    /// <summary>Longer ones are none of ours.</summary>
    public const int Longest = 8_192;

    /// <summary>How far two clocks of ours may be apart.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(5);

    /// <summary>A grant for an action that may go, for a caller that may carry it out; null for all else. To be called after the decision's commit.</summary>
    public async Task<string?> IssueAsync(Caller caller, GatedAction action, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (!caller.MayActFor(action.Agent) || !action.IsClaimable(now))
        {
            return null;
        }

        var expires = now + settings.Life;
        expires = action.ExpiresAt < expires ? action.ExpiresAt.Value : expires;
        var digest = Grant.DigestOf(action);
        var grant = new Grant
        {
            Iss = settings.Issuer,
            Jti = Grant.IdOf(action.SessionId, action, digest),
            Iat = now.ToUnixTimeSeconds(),
            Exp = expires.ToUnixTimeSeconds(),
            SessionId = action.SessionId,
            ActionId = action.ActionId,
            Type = action.Type,
            Tool = action.Tool,
            Agent = action.Agent,
            User = action.User,
            Amount = action.Amount,
            Currency = action.Currency,
            ArgsSha256 = digest,
        };
        var key = await keys.SigningAsync(cancel);
        var signed = $"{Encode(new { alg = Algorithm, kid = key.Id, typ = Type })}.{Encode(grant)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>What a grant says, once its signature, issuer and time have been found good.</summary>
    /// <exception cref="Refusal">It is none of ours (invalid), or its time is over (conflict).</exception>
    internal async Task<Grant> ReadAsync(string token, CancellationToken cancel)
    {
        var parts = token.Length > Longest ? [] : token.Split('.');
        if (parts.Length != 3 || Decode(parts[0]) is not { } header || !CanonicalJson.TrySerialize(header, out _) || !Base64Url.IsValid(parts[2]))
        {
            throw Wrong("is no signed JSON Web Token.");
        }

        if (Text(header, "alg") != Algorithm || header.TryGetProperty("crit", out _) || Text(header, "typ") != Type)
        {
            throw Wrong($"must be signed with {Algorithm} and have the type {Type}.");
        }

        var key = Text(header, "kid") is { } kid ? await keys.TrustedAsync(kid, cancel) : null;
        if (key is null)
        {
            throw Wrong("names a key that is not, or no longer, in force.");
        }

        var signature = Base64Url.DecodeFromChars(parts[2]);
        if (Base64Url.EncodeToString(signature) != parts[2] || !key.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature))
        {
            throw Wrong("has a signature that does not fit: it was changed, or signed by somebody else.");
        }

        var grant = Decode(parts[1])?.Deserialize<Grant>(JsonText.Options);
        if (grant is null || grant.Iss != settings.Issuer)
        {
            throw Wrong("was issued by somebody else.");
        }

        if (DateTimeOffset.FromUnixTimeSeconds(grant.Exp) + Skew <= time.GetUtcNow())
        {
            throw Refusal.Conflict("The grant has expired. While the action may still be carried out, asking for it again brings a fresh one.");
        }

        return grant;
    }

    private static Refusal Wrong(string why) => Refusal.Invalid("grant", why);

    private static string Encode<T>(T part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part, JsonText.Options));

    private static string? Text(JsonElement header, string member) =>
        header.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Decode(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
