using Handrail.Access;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>Layers and action types, shaped for the Autonomy page.</summary>
public sealed class AutonomyQueries(HandrailStore store, PolicySnapshots snapshots, TimeProvider time)
{
    /// <summary>How far back action types are looked for.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromDays(30);

    /// <summary>Every layer as it is in force.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<AutonomyReading> ReadAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var agents = await db.Agents.OrderBy(a => a.Name).Select(a => a.Name).ToListAsync(cancel);
            var heads = await (
                from head in db.PolicyHeads
                join version in db.PolicyVersions on new { head.Scope, head.Version } equals new { version.Scope, version.Version }
                select new { head.Scope, head.Version, version.By, version.At, version.Reason }).ToDictionaryAsync(h => h.Scope, cancel);

            var layers = new Dictionary<string, LayerState>(StringComparer.Ordinal);
            foreach (var head in heads.Values)
            {
                var layer = await snapshots.LayerAsync(db, head.Scope, head.Version, cancel);
                layers[head.Scope] = new LayerState(head.Scope, head.Version, layer.Document) { By = head.By, At = head.At, Reason = head.Reason };
            }

            // A policy may be published for an agent that has not been heard of yet.
            var named = layers.Keys.Where(s => s != Scopes.Fleet).Select(s => s[Scopes.Agent("").Length..]);
            return new AutonomyReading(
                Of(Scopes.Fleet), [.. agents.Union(named).Order(StringComparer.OrdinalIgnoreCase).Select(a => new AgentLayer(a, Of(Scopes.Agent(a))))]);

            LayerState Of(string scope) => layers.GetValueOrDefault(scope) ?? new LayerState(scope, 0, null);
        },
        cancel);

    /// <summary>What agents asked for lately, the most frequent first. Reads every action of that time: not for every redraw.</summary>
    public Task<IReadOnlyList<TypeSeen>> SeenAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<TypeSeen>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var since = time.GetUtcNow() - Lately;
            var counts = await db.Actions.Where(a => a.RequestedAt >= since).GroupBy(a => new { a.Agent, a.Type, a.Currency })
                .Select(g => new { g.Key.Agent, g.Key.Type, g.Key.Currency, Count = g.Count() }).ToListAsync(cancel);
            return
            [
                .. counts.GroupBy(c => (c.Agent, c.Type))
                    .Select(g => new TypeSeen(g.Key.Agent, g.Key.Type, g.Sum(c => c.Count), g.Where(c => c.Currency is not null).MaxBy(c => c.Count)?.Currency))
                    .OrderByDescending(t => t.Count).ThenBy(t => t.Type, StringComparer.Ordinal),
            ];
        },
        cancel);
}
