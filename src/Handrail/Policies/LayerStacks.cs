using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>The layers in force of every agent, as they were at one moment.</summary>
internal sealed class LayerStacks
{
    private readonly PolicyLayer _fleet;
    private readonly Dictionary<string, PolicyLayer> _own;
    private readonly Dictionary<string, IReadOnlyList<PolicyLayer>> _stacks = new(StringComparer.Ordinal);

    private LayerStacks(PolicyLayer fleet, Dictionary<string, PolicyLayer> own) => (_fleet, _own) = (fleet, own);

    /// <summary>The long members that any of the layers looks at.</summary>
    public LongMembers Members => _own.Values.Append(_fleet).Aggregate(LongMembers.None, (read, layer) => read | layer.Document.LongMembers());

    /// <summary>Every layer, the fleet's first.</summary>
    public IEnumerable<(string Scope, string? Agent, PolicyLayer Layer)> Layers =>
        _own.OrderBy(l => l.Key, StringComparer.OrdinalIgnoreCase).Select(l => (Scopes.Agent(l.Key), (string?)l.Key, l.Value)).Prepend((Scopes.Fleet, null, _fleet));

    /// <summary>What rules an agent: the fleet's layer, and its own where it has one.</summary>
    public IReadOnlyList<PolicyLayer> Of(string agent)
    {
        if (!_stacks.TryGetValue(agent, out var stack))
        {
            _stacks[agent] = stack = _own.TryGetValue(agent, out var own) ? [_fleet, own] : [_fleet];
        }

        return stack;
    }

    /// <summary>The same with another document in force in a scope.</summary>
    public LayerStacks With(string scope, PolicyDocument draft) => scope == Scopes.Fleet
        ? new(new PolicyLayer(PolicyLayer.Fleet, 0, draft), _own)
        : new(_fleet, new Dictionary<string, PolicyLayer>(_own, StringComparer.Ordinal) { [AgentOf(scope)] = new PolicyLayer(PolicyLayer.Agent, 0, draft) });

    /// <param name="agent">Of this agent alone; null for all.</param>
    public static async Task<LayerStacks> ReadAsync(HandrailDb db, PolicySnapshots snapshots, string? agent, CancellationToken cancel)
    {
        var own = agent is null ? null : Scopes.Agent(agent);
        var heads = await db.PolicyHeads.Where(h => h.Version > 0 && (own == null || h.Scope == Scopes.Fleet || h.Scope == own)).ToListAsync(cancel);
        var layers = new Dictionary<string, PolicyLayer>(StringComparer.Ordinal);
        foreach (var head in heads)
        {
            layers[head.Scope] = await snapshots.LayerAsync(db, head.Scope, head.Version, cancel);
        }

        var fleet = layers.GetValueOrDefault(Scopes.Fleet) ?? throw new InvalidOperationException("The fleet has no policy: the first start did not finish.");
        return new LayerStacks(fleet, layers.Where(l => l.Key != Scopes.Fleet).ToDictionary(l => AgentOf(l.Key), l => l.Value, StringComparer.Ordinal));
    }

    private static string AgentOf(string scope) => scope[Scopes.Agent("").Length..];
}
