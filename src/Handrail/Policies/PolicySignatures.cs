using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Serialization;
using Handrail.Grants;
using Handrail.Store;

namespace Handrail.Policies;

/// <summary>
/// Signs what rules an agent, so that nobody between the console and the agent, and nobody who writes into the agent's files, can give it another policy, another
/// agent's or an older one. A compact JWS (RFC 7515) under ES256 by the keys that grants are signed with; its type keeps the two apart.
/// </summary>
public sealed class PolicySignatures(GrantKeys keys, GrantSettings settings, TimeProvider time)
{
    /// <summary>So that no grant could pass for it, and it for no grant (RFC 8725, 3.11).</summary>
    public const string Type = "handrail-policy+jwt";

    /// <summary>Agents whose last signature is kept.</summary>
    private const int MostKept = 20_000;

    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);

    /// <summary>
    /// The same policy with its signature, which is made once for each agent and version; without one where a layer has no canonical form, and while the first key can't be
    /// made: whoever demands one then goes on by what it has.
    /// </summary>
    internal async ValueTask<EffectivePolicy> SignAsync(EffectivePolicy policy, CancellationToken cancel)
    {
        ReadyKey key;
        try
        {
            key = await keys.SigningAsync(cancel);
        }
        catch (Refusal)
        {
            return policy;
        }

        if (_kept.TryGetValue(policy.Agent, out var kept) && kept.Versions == policy.Versions && kept.KeyId == key.Id)
        {
            return policy with { Signature = kept.Signature is { } before ? Encoding.ASCII.GetString(before) : null };
        }

        var signature = Sign(policy, key, null);
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        // Whoever asked at the same moment has signed it too, with other letters: all get those of the first.
        var made = new Kept(policy.Versions, key.Id, signature is null ? null : Encoding.ASCII.GetBytes(signature));
        var first = _kept.AddOrUpdate(policy.Agent, made, (_, there) => there.Versions == made.Versions && there.KeyId == made.KeyId ? there : made);
        return policy with { Signature = first.Signature is { } letters ? Encoding.ASCII.GetString(letters) : null };
    }

    /// <summary>
    /// The same, and it says that this policy takes the place of a later version: one of a database that has since been replaced by an older one. It answers one question,
    /// so that it can't be put before the agent another time.
    /// </summary>
    /// <param name="nonce">What the one who asks made up for this question.</param>
    internal async Task<EffectivePolicy> SignInPlaceOfAsync(EffectivePolicy policy, LayerVersions later, string nonce, CancellationToken cancel) =>
        policy with { Signature = Sign(policy, await keys.SigningAsync(cancel), (later.ToString(), nonce)) };

    private string? Sign(EffectivePolicy policy, ReadyKey key, (string Version, string Nonce)? replaces)
    {
        if (policy.Layers.Any(l => l.Digest is null))
        {
            return null;
        }

        var signed = $"{Encode(new { alg = GrantTokens.Algorithm, kid = key.Id, typ = Type })}.{Encode(new Claims(
            settings.Issuer, time.GetUtcNow().ToUnixTimeSeconds(), policy.Agent, policy.Version,
            [.. policy.Layers.Select(l => new LayerClaim(l.Scope, l.Version, l.Digest!))], replaces?.Version, replaces?.Nonce))}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode<T>(T part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonText.Of(part)));

    /// <param name="Signature">Its letters, a byte each: a fleet has one for every agent.</param>
    private sealed record Kept(LayerVersions Versions, string KeyId, byte[]? Signature);

    /// <param name="Iat">Seconds since 1970.</param>
    private sealed record Claims(
        string Iss, long Iat, string Agent, string Version, IReadOnlyList<LayerClaim> Layers,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Replaces,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Nonce);

    /// <param name="PolicySha256">Over the layer's canonical JSON (RFC 8785), in lower-case hexadecimal.</param>
    private sealed record LayerClaim(string Scope, int Version, string PolicySha256);
}
