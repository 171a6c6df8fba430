using Handrail.Access;
using Handrail.Agents;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>
/// Looks up what rules agents for all who ask at once: a publish wakes a whole fleet, whose questions are the same but for the agent's name. Those that come while
/// one look is under way share the next, so that each sees what was committed before it asked.
/// </summary>
public sealed class PolicyLooks(HandrailStore store, PolicySnapshots policies, PolicySignatures signatures, TimeProvider time)
{
    private readonly Lock _lock = new();
    private Asked _waiting = new();
    private Task _looking = Task.CompletedTask;
    private TaskCompletionSource<Found>? _next;

    /// <exception cref="Refusal">The caller may not know of this agent, or its key holds no more.</exception>
    internal async Task<PolicyReading> ReadAsync(Caller caller, string agent, CancellationToken cancel)
    {
        Task<Found> look;
        lock (_lock)
        {
            _waiting.Callers[caller.Id] = caller;
            _waiting.Agents.Add(agent);
            if (_next is null)
            {
                // A thousand may wait for it: each goes on by itself once it is there.
                _next = new TaskCompletionSource<Found>(TaskCreationOptions.RunContinuationsAsynchronously);
                _looking = LookAsync(_looking, _next);
            }

            look = _next.Task;
        }

        var found = await look.WaitAsync(cancel);
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
        var policy = policies.Effective(agent, versions) ?? await store.ReadAsync(db => policies.EffectiveAsync(db, agent, versions, cancel), cancel);
        var state = ControlQueries.Strictest(found.Ordered.GetValueOrDefault(Scopes.Fleet), [found.Ordered.GetValueOrDefault(own)]);
        return new PolicyReading(await signatures.SignAsync(policy, cancel), state, RulesAlone: known is not { UsesPeoplesData: true } && !found.SwitchedOff);
    }

    private async Task LookAsync(Task before, TaskCompletionSource<Found> answer)
    {
        // Whoever began this still holds the lock.
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Asked asked;
        lock (_lock)
        {
            (asked, _waiting, _next) = (_waiting, new Asked(), null);
        }

        try
        {
            answer.SetResult(await store.ReadAsync(db => FindAsync(db, asked), CancellationToken.None));
        }
        catch (Exception e)
        {
            // Theirs who asked: each is told.
            answer.SetException(e);
        }
    }

    private async Task<Found> FindAsync(HandrailDb db, Asked asked)
    {
        var agents = asked.Agents.ToList();
        var scopes = agents.ConvertAll(Scopes.Agent);
        scopes.Add(Scopes.Fleet);
        var keys = await KeysInForce.OfAsync(db, asked.Callers.Values, time.GetUtcNow(), CancellationToken.None);
        var heads = await db.PolicyHeads.Where(h => EF.Parameter(scopes).Contains(h.Scope)).ToDictionaryAsync(h => h.Scope, h => h.Version, CancellationToken.None);
        if (!heads.TryGetValue(Scopes.Fleet, out var fleet))
        {
            throw new InvalidOperationException("The fleet has no policy: the first start did not finish.");
        }

        await policies.PrepareAsync(db, fleet, CancellationToken.None);
        return new Found(
            keys,
            heads,
            await db.Agents.Where(a => EF.Parameter(agents).Contains(a.Name)).Select(a => new Registered(a.Name, a.Team, a.DataScopesJson, a.RequiresUser)).ToDictionaryAsync(a => a.Name, CancellationToken.None),
            await db.ScopeControls.Where(c => EF.Parameter(scopes).Contains(c.Scope)).ToDictionaryAsync(c => c.Scope, c => c.State, CancellationToken.None),
            await db.Disabled.AnyAsync(CancellationToken.None));
    }

    private sealed class Asked
    {
        public Dictionary<string, Caller> Callers { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Agents { get; } = new(StringComparer.Ordinal);
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
