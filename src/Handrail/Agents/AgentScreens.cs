using Handrail.Access;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Agents;

/// <summary>A line of the Agents page.</summary>
/// <param name="Entry">The registry's entry.</param>
/// <param name="Level">How much it does of its own accord.</param>
public sealed record AgentLine(AgentReading Entry, GeneralLevel Level)
{
    /// <summary>The agent said which version it holds, and it is not the one in force.</summary>
    public bool OutOfDate => Entry.PolicyHeld is { } held && held != Entry.PolicyVersion;
}

/// <summary>The Agents page.</summary>
/// <param name="FleetHeld">What is ordered for the whole fleet; null while it runs.</param>
public sealed record AgentList(IReadOnlyList<AgentLine> Agents, ScopeReading? FleetHeld);

/// <summary>A version of an agent that was at work lately.</summary>
/// <param name="Version">Null for sessions that named none.</param>
public sealed record AgentVersionSeen(string? Version, int Sessions, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>One agent's page.</summary>
/// <param name="Versions">Versions at work lately, the latest first.</param>
/// <param name="FleetHeld">What is ordered for the whole fleet; null while it runs.</param>
public sealed record AgentScreen(AgentLine Agent, IReadOnlyList<AgentVersionSeen> Versions, ScopeReading? FleetHeld);

/// <summary>The registry, shaped for the Agents pages.</summary>
public sealed class AgentScreens(HandrailStore store, AgentQueries agents, PolicySnapshots policies, TimeProvider time)
{
    /// <summary>How far back versions are looked for.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromDays(30);

    /// <exception cref="Refusal">No right to look.</exception>
    public async Task<AgentList> ListAsync(Caller caller, CancellationToken cancel)
    {
        var entries = await agents.ListAsync(caller, cancel);
        return await store.ReadAsync(caller, async db => new AgentList(await LinesAsync(db, entries, cancel), await FleetHeldAsync(db, cancel)), cancel);
    }

    /// <exception cref="Refusal">No right to look, or there is none.</exception>
    public async Task<AgentScreen> OneAsync(Caller caller, string name, CancellationToken cancel)
    {
        var entry = await agents.OneAsync(caller, name, cancel);
        var since = time.GetUtcNow() - Lately;
        return await store.ReadAsync(
            caller,
            async db =>
            {
                var versions = await db.Sessions.Where(s => s.Agent == name && s.MovedTo == null && s.LastActivityAt >= since).GroupBy(s => s.AgentVersion)
                    .Select(g => new { Version = g.Key, Sessions = g.Count(), First = g.Min(s => s.StartedAt), Last = g.Max(s => s.LastActivityAt) })
                    .ToListAsync(cancel);
                return new AgentScreen(
                    (await LinesAsync(db, [entry], cancel))[0],
                    [.. versions.OrderByDescending(v => v.Last).Select(v => new AgentVersionSeen(v.Version, v.Sessions, v.First, v.Last))],
                    await FleetHeldAsync(db, cancel));
            },
            cancel);
    }

    private async Task<List<AgentLine>> LinesAsync(HandrailDb db, IReadOnlyList<AgentReading> entries, CancellationToken cancel)
    {
        var heads = await db.PolicyHeads.ToDictionaryAsync(h => h.Scope, h => h.Version, cancel);
        var lines = new List<AgentLine>(entries.Count);
        foreach (var entry in entries)
        {
            var versions = new LayerVersions(heads.GetValueOrDefault(Scopes.Fleet), heads.GetValueOrDefault(Scopes.Agent(entry.Agent)));
            lines.Add(new AgentLine(entry, GeneralLevel.Of(await policies.LayersAsync(db, entry.Agent, versions, cancel))));
        }

        return lines;
    }

    private static Task<ScopeReading?> FleetHeldAsync(HandrailDb db, CancellationToken cancel) => db.ScopeControls
        .Where(c => c.Scope == Scopes.Fleet && c.State != ControlState.Running)
        .Select(c => new ScopeReading(c.Scope, c.State, c.Reason, c.By, c.Since)).SingleOrDefaultAsync(cancel);
}
