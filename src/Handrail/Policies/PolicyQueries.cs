using System.Text.Json;
using System.Text.Json.Serialization;
using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>One layer as it is read back; version 0 and no policy when none was published.</summary>
public sealed record LayerReading(string Scope, int Version, JsonElement? Policy)
{
    /// <summary>SHA-256 over the policy's canonical JSON, where it was read to be signed; null also where it has no canonical form.</summary>
    [JsonIgnore]
    public string? Digest { get; init; }
}

/// <summary>What rules an agent: the layers, each evaluated by itself, the most restrictive verdict wins.</summary>
public sealed record EffectivePolicy(string Agent, string Version, IReadOnlyList<LayerReading> Layers)
{
    /// <summary>The same as <see cref="Version"/>, as numbers.</summary>
    [JsonIgnore]
    public LayerVersions Versions { get; init; }

    /// <summary>The console's word for it (<see cref="PolicySignatures"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Signature { get; init; }
}

/// <summary>A version in a layer's history.</summary>
public sealed record VersionRow(int Version, string By, DateTimeOffset At, string? Reason, IReadOnlyList<string> Diff, JsonElement? Policy);

/// <summary>A page of versions, newest first, and where the next one starts.</summary>
public sealed record VersionPage(IReadOnlyList<VersionRow> Items, string? NextCursor);

/// <summary>Policies as they are in force and as they were.</summary>
public sealed class PolicyQueries(HandrailStore store)
{
    /// <summary>Fleet's and agent's version, <c>3.17</c>; the second is 0 for an agent without a policy of its own.</summary>
    public Task<string> VersionAsync(string agent, CancellationToken cancel) => store.ReadAsync(
        async db => (await PolicySnapshots.VersionsAsync(db, agent, forDecision: false, cancel)).ToString(), cancel);

    /// <summary>One layer as it is in force.</summary>
    public Task<LayerReading> LayerAsync(Caller caller, string scope, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var version = await db.PolicyHeads.Where(h => h.Scope == scope).Select(h => h.Version).SingleOrDefaultAsync(cancel);
            var json = await db.PolicyVersions.Where(v => v.Scope == scope && v.Version == version).Select(v => v.DocumentJson).SingleOrDefaultAsync(cancel);
            return new LayerReading(scope, version, JsonText.Element(json));
        },
        cancel);

    public Task<VersionPage> VersionsAsync(Caller caller, string scope, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var before = cursor is null ? int.MaxValue
                : int.TryParse(cursor, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
                : throw Refusal.Invalid("cursor", "is none that a page gave out.");
            var rows = await db.PolicyVersions.Where(v => v.Scope == scope && v.Version < before).OrderByDescending(v => v.Version).Take(limit + 1).ToListAsync(cancel);
            var items = rows.Take(limit).Select(v => new VersionRow(
                v.Version, v.By, v.At, v.Reason, JsonText.Read<List<string>>(v.DiffJson) ?? [], JsonText.Element(v.DocumentJson))).ToList();
            return new VersionPage(items, rows.Count > limit ? items[^1].Version.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        },
        cancel);
}
