using Handrail.Access;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>Looks up what rules agents for all who ask at once: a publish wakes a whole fleet, whose questions are the same but for the agent's name.</summary>
public sealed class PolicyLooks
{
    private readonly HandrailStore _store;
    private readonly PolicySnapshots _policies;
    private readonly PolicySignatures _signatures;
    private readonly TimeProvider _time;
    private readonly SharedRun<(Caller Caller, string Agent), Found> _looks;

    public PolicyLooks(HandrailStore store, PolicySnapshots policies, PolicySignatures signatures, TimeProvider time)
    {
        (_store, _policies, _signatures, _time) = (store, policies, signatures, time);
        _looks = new(asked => _store.ReadAsync(db => FindAsync(db, asked), CancellationToken.None));
    }

    /// <exception cref="Refusal">The caller may not know of this agent, or its key holds no more.</exception>
    internal async Task<PolicyReading> ReadAsync(Caller caller, string agent, CancellationToken cancel)
    {
        var found = await _looks.JoinAsync((caller, agent), cancel);
        if (!found.Keys.Contains(caller.Id))
        {
            throw KeysInForce.Gone();
        }

        var known = found.Agents.GetValueOrDefault(agent);
        if (!caller.MayKnowOf(agent, known?.Team, known?.DataScopesJson))
        {
            throw Refusal.NotFound($"agent '{agent}'");
        }

        KnownAgents.Demand(caller, agent, known is null ? null : new KnownAgent(known.Team, known.UsesPeoplesData));
        var own = Scopes.Agent(agent);
        var versions = new LayerVersions(found.Heads[Scopes.Fleet], found.Heads.GetValueOrDefault(own));
        var policy = _policies.Effective(agent, versions) ?? await _store.ReadAsync(db => _policies.EffectiveAsync(db, agent, versions, cancel), cancel);
        var state = ControlQueries.Strictest(found.Ordered.GetValueOrDefault(Scopes.Fleet), [found.Ordered.GetValueOrDefault(own)]);
        return new PolicyReading(await _signatures.SignAsync(policy, cancel), state, RulesAlone: known is not { UsesPeoplesData: true } && !found.SwitchedOff);
    }

    private async Task<Found> FindAsync(HandrailDb db, IReadOnlyList<(Caller Caller, string Agent)> asked)
    {
        var agents = asked.Select(a => a.Agent).Distinct(StringComparer.Ordinal).ToList();
        var scopes = agents.ConvertAll(Scopes.Agent);
        scopes.Add(Scopes.Fleet);
        var keys = await KeysInForce.OfAsync(db, asked.Select(a => a.Caller), _time.GetUtcNow(), CancellationToken.None);
        var heads = await db.PolicyHeads.Where(h => EF.Parameter(scopes).Contains(h.Scope)).ToDictionaryAsync(h => h.Scope, h => h.Version, CancellationToken.None);
        if (!heads.TryGetValue(Scopes.Fleet, out var fleet))
        {
            throw new InvalidOperationException("The fleet has no policy: the first start did not finish.");
        }

        await _policies.PrepareAsync(db, fleet, CancellationToken.None);
        return new Found(
            keys,
            heads,
            await db.Agents.Where(a => EF.Parameter(agents).Contains(a.Name)).Select(a => new Registered(a.Name, a.Team, a.DataScopesJson, a.RequiresUser)).ToDictionaryAsync(a => a.Name, CancellationToken.None),
            await db.ScopeControls.Where(c => EF.Parameter(scopes).Contains(c.Scope)).ToDictionaryAsync(c => c.Scope, c => c.State, CancellationToken.None),
            await db.Disabled.AnyAsync(CancellationToken.None));
    }

    private sealed record Registered(string Name, string Team, string DataScopesJson, bool RequiresUser)
    {
        public bool UsesPeoplesData => RequiresUser || DataScopesJson != "[]";
    }

    /// <param name="Keys">The callers whose key holds, and all that have none.</param>
    /// <param name="Ordered">What people have ordered, by scope; nothing is <see cref="ControlState.Running"/>.</param>
    private sealed record Found(
        IReadOnlySet<string> Keys, IReadOnlyDictionary<string, int> Heads, IReadOnlyDictionary<string, Registered> Agents, IReadOnlyDictionary<string, ControlState> Ordered, bool SwitchedOff);
}
