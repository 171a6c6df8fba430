using System.Globalization;
using System.Text.Json;
using Handrail.Policy;

namespace Handrail.Client.Wire;

/// <summary>A policy as it was told, and the signature that came with it.</summary>
internal sealed record PolicyReading(AgentPolicy Policy, string? Signature)
{
    /// <summary>So that no grant of the console passes for it.</summary>
    public const string TokenType = "handrail-policy+jwt";

    /// <summary>Null for what is no policy of this agent.</summary>
    public static PolicyReading? Of(PolicyAnswer? answer, string agent)
    {
        if (answer is not { Version: { } version, Layers: { } layers } said || said.Agent != agent)
        {
            return null;
        }

        var read = new List<AgentPolicyLayer>();
        foreach (var layer in layers)
        {
            if (layer is not { Scope: { } scope, Version: { } number, Policy: { ValueKind: JsonValueKind.Object } policy })
            {
                return null;
            }

            read.Add(new AgentPolicyLayer(scope, number, policy));
        }

        return new PolicyReading(new AgentPolicy(said.Agent, version, read), said.Signature);
    }

    /// <summary>Whether what was signed is this policy, of this agent, layer by layer.</summary>
    public bool IsWhatWasSigned(JsonElement claims)
    {
        if (SignedToken.Text(claims, "agent") != Policy.Agent || SignedToken.Text(claims, "version") != Policy.Version
            || !claims.TryGetProperty("layers", out var layers) || layers.ValueKind is not JsonValueKind.Array || layers.GetArrayLength() != Policy.Layers.Count)
        {
            return false;
        }

        return layers.EnumerateArray().Zip(Policy.Layers).All(pair =>
            SignedToken.Text(pair.First, "scope") == pair.Second.Scope
            && pair.First.TryGetProperty("version", out var version) && version.TryGetInt64(out var number) && number == pair.Second.Version
            && CanonicalJson.TrySha256(pair.Second.Policy) is { } digest && SignedToken.Text(pair.First, "policy_sha256") == digest);
    }

    /// <summary>Whether a version is earlier than another, in one layer at least; versions grow with every publish, also with one that rolls back. What can't be read is never earlier.</summary>
    public static bool IsEarlier(string version, string than) => (Parts(version), Parts(than)) is ({ } one, { } other) && (one.Fleet < other.Fleet || one.Agent < other.Agent);

    /// <summary>Whether it reads as a version: <c>3.17</c>.</summary>
    public static bool IsVersion(string version) => Parts(version) is not null;

    private static (long Fleet, long Agent)? Parts(string text) =>
        text.Split('.') is [var fleet, var agent]
        && long.TryParse(fleet, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
        && long.TryParse(agent, NumberStyles.None, CultureInfo.InvariantCulture, out var second) ? (first, second) : null;
}
