using System.Collections.Concurrent;
using System.Globalization;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>The versions in force for an agent.</summary>
public readonly record struct LayerVersions(int Fleet, int Agent)
{
    public override string ToString() => FormattableString.Invariant($"{Fleet}.{Agent}");

    /// <summary>Reads <c>3.17</c>.</summary>
    public static bool TryParse(string? text, out LayerVersions versions)
    {
        versions = default;
        if (text?.Split('.') is not [var first, var second]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var fleet) || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var agent))
        {
            return false;
        }

        versions = new LayerVersions(fleet, agent);
        return true;
    }
}

/// <summary>
/// Policies made ready for deciding, by scope and version. A version never changes, so what is kept can't be stale: which version is in force is
/// always read from the database, in a decision's own transaction.
/// </summary>
public sealed class PolicySnapshots
{
    /// <summary>Parsed documents kept; older ones are read again when somebody asks.</summary>
    private const int MostKept = 2_000;

    private readonly ConcurrentDictionary<(string Scope, int Version), PolicyLayer> _ready = new();
    private readonly ConcurrentDictionary<(string Scope, int Version), LayerReading> _readings = new();

    /// <summary>The versions in force. For a decision the rows are held, so that a publish and the decision never cross unseen.</summary>
    public static async Task<LayerVersions> VersionsAsync(HandrailDb db, string agent, bool forDecision, CancellationToken cancel)
    {
        var scope = Scopes.Agent(agent);
        var heads = db.PolicyHeads.AsNoTracking().Where(h => h.Scope == Scopes.Fleet || h.Scope == scope).OrderBy(h => h.Scope);
        var rows = await (forDecision ? heads.ForShare() : heads).ToListAsync(cancel);
        return new LayerVersions(
            rows.SingleOrDefault(h => h.Scope == Scopes.Fleet)?.Version ?? throw new InvalidOperationException("The fleet has no policy: the first start did not finish."),
            rows.SingleOrDefault(h => h.Scope == scope)?.Version ?? 0);
    }

    /// <summary>The layers of these versions: the fleet's, and the agent's where it has one.</summary>
    public async Task<IReadOnlyList<PolicyLayer>> LayersAsync(HandrailDb db, string agent, LayerVersions versions, CancellationToken cancel)
    {
        if (versions.Agent < 0)
        {
            throw new InvalidOperationException($"A version of the policy of '{agent}' is stored that there can't be.");
        }

        var layers = new List<PolicyLayer> { await LayerAsync(db, Scopes.Fleet, versions.Fleet, cancel) };
        if (versions.Agent > 0)
        {
            layers.Add(await LayerAsync(db, Scopes.Agent(agent), versions.Agent, cancel));
        }

        return layers;
    }

    /// <summary>These versions as they are read back. A publish wakes a whole fleet at once, which then reads the same few layers.</summary>
    internal async Task<EffectivePolicy> EffectiveAsync(HandrailDb db, string agent, LayerVersions versions, CancellationToken cancel)
    {
        var layers = new List<LayerReading> { await ReadingAsync(db, Scopes.Fleet, versions.Fleet, cancel) };
        if (versions.Agent > 0)
        {
            layers.Add(await ReadingAsync(db, Scopes.Agent(agent), versions.Agent, cancel));
        }

        return new EffectivePolicy(agent, versions.ToString(), layers) { Versions = versions };
    }

    /// <summary>The same without a look into the database; null when a layer was not read yet.</summary>
    internal EffectivePolicy? Effective(string agent, LayerVersions versions)
    {
        if (!_readings.TryGetValue((Scopes.Fleet, versions.Fleet), out var fleet))
        {
            return null;
        }

        var own = (LayerReading?)null;
        return versions.Agent > 0 && !_readings.TryGetValue((Scopes.Agent(agent), versions.Agent), out own)
            ? null
            : new EffectivePolicy(agent, versions.ToString(), own is null ? [fleet] : [fleet, own]) { Versions = versions };
    }

    /// <summary>Makes the fleet's layer ready for all who are about to read it back.</summary>
    internal Task PrepareAsync(HandrailDb db, int version, CancellationToken cancel) => ReadingAsync(db, Scopes.Fleet, version, cancel);

    private async Task<LayerReading> ReadingAsync(HandrailDb db, string scope, int version, CancellationToken cancel)
    {
        if (_readings.TryGetValue((scope, version), out var reading))
        {
            return reading;
        }

        var layer = await LayerAsync(db, scope, version, cancel);
        if (_readings.Count >= MostKept)
        {
            _readings.Clear();
        }

        var policy = JsonText.Element(layer.Document.ToJson())!.Value;
        return _readings[(scope, version)] = new LayerReading(layer.Scope, layer.Version, policy)
        {
            Digest = CanonicalJson.TrySha256(policy),
        };
    }

    internal async Task<PolicyLayer> LayerAsync(HandrailDb db, string scope, int version, CancellationToken cancel)
    {
        if (_ready.TryGetValue((scope, version), out var layer))
        {
            return layer;
        }

        var json = await db.PolicyVersions.AsNoTracking().Where(v => v.Scope == scope && v.Version == version).Select(v => v.DocumentJson).SingleAsync(cancel);
        var document = PolicyDocument.Parse(json).Document
            ?? throw new InvalidOperationException($"Version {version} of the policy of '{scope}' can't be read any more.");
        if (_ready.Count >= MostKept)
        {
            _ready.Clear();
        }

        return _ready[(scope, version)] = new PolicyLayer(scope == Scopes.Fleet ? PolicyLayer.Fleet : PolicyLayer.Agent, version, document);
    }
}
