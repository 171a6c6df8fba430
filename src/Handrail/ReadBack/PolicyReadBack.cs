using Handrail.Access;
using Handrail.Agents;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>What rules an agent, as it is read back.</summary>
/// <param name="State">What people have ordered for the agent or the fleet.</param>
/// <param name="RulesAlone">
/// Nothing but the policy and people's orders rules the agent: it uses no data that only some users may see, needs no user, and no tool or type
/// is switched off. Whoever decides by the policy while the console can't be reached must know it.
/// </param>
public sealed record PolicyReading(EffectivePolicy Policy, ControlState State, bool RulesAlone);

/// <summary>Reads back what rules an agent, and waits for news of it.</summary>
public sealed class PolicyReadBack(HandrailStore store, PolicySnapshots policies, AgentFeeds feeds)
{
    /// <summary>What rules the agent; with a version that the caller holds, as soon as it is another one, or the wait is over.</summary>
    /// <param name="holding">Called once it is known that the caller may act for the agent, before the wait.</param>
    /// <exception cref="Refusal">The caller may not know of this agent.</exception>
    public async Task<PolicyReading> ReadAsync(Caller caller, string agent, string? held, TimeSpan wait, Func<string, Task> holding, CancellationToken cancel)
    {
        if (held is null)
        {
            return await ReadAsync(caller, agent, null, cancel);
        }

        // A fleet that has heard of a publish asks again all at once: what this process has seen a moment ago tells whether there is anything to read yet.
        var versions = feeds.LatelySeen(agent);
        var reading = versions?.ToString() == held ? null : await ReadAsync(caller, agent, null, cancel);
        if (reading is null)
        {
            await store.ReadAsync(caller, db => db.DemandKnownAgentAsync(caller, agent, cancel), cancel);
        }

        await holding(held);
        if (wait <= TimeSpan.Zero || (reading is not null && reading.Policy.Version != held))
        {
            return reading ?? await ReadAsync(caller, agent, null, cancel);
        }

        return await ReadAsync(caller, agent, await feeds.OtherVersionsAsync(agent, reading?.Policy.Versions ?? versions!.Value, wait, cancel), cancel);
    }

    /// <summary>In one question to the database: after a publish a whole fleet reads at once.</summary>
    private Task<PolicyReading> ReadAsync(Caller caller, string agent, LayerVersions? seen, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            await db.DemandAgentAsync(caller, agent, cancel);
            var own = Scopes.Agent(agent);
            var read = await db.PolicyHeads.Where(h => h.Scope == Scopes.Fleet).Select(h => new
            {
                Fleet = h.Version,
                Own = db.PolicyHeads.Where(o => o.Scope == own).Select(o => (int?)o.Version).SingleOrDefault(),
                Team = db.Agents.Where(a => a.Name == agent).Select(a => a.Team).SingleOrDefault(),
                UsesPeoplesData = db.Agents.Any(a => a.Name == agent && (a.RequiresUser || a.DataScopesJson != "[]")),
                OrderedForFleet = db.ScopeControls.Where(c => c.Scope == Scopes.Fleet).Select(c => (ControlState?)c.State).SingleOrDefault(),
                OrderedForAgent = db.ScopeControls.Where(c => c.Scope == own).Select(c => (ControlState?)c.State).SingleOrDefault(),
                SwitchedOff = db.Disabled.Any(),
            }).SingleOrDefaultAsync(cancel) ?? throw new InvalidOperationException("The fleet has no policy: the first start did not finish.");
            KnownAgents.Demand(caller, agent, read.Team is { } team ? new KnownAgent(team, read.UsesPeoplesData) : null);
            var policy = await policies.EffectiveAsync(db, agent, seen ?? new LayerVersions(read.Fleet, read.Own ?? 0), cancel);
            var state = ControlQueries.Strictest(read.OrderedForFleet ?? ControlState.Running, [read.OrderedForAgent ?? ControlState.Running]);
            return new PolicyReading(policy, state, RulesAlone: !read.UsesPeoplesData && !read.SwitchedOff);
        },
        cancel);
}
