using Handrail.Client.Wire;
using Handrail.Policy;

namespace Handrail.Client.Offline;

/// <summary>The policy as it was last read, and since when nobody can say whether it is still in force.</summary>
internal sealed record HeldPolicy
{
    /// <param name="read">What rules the agent, and the console's signature.</param>
    /// <param name="tag">What the console knows it by; null where it did not say.</param>
    /// <param name="besides">Layers that rule as well: what was heard and not read yet tightens at once, and what was read before loosens only then.</param>
    public HeldPolicy(PolicyReading read, string? tag, IReadOnlyList<AgentPolicyLayer>? besides = null)
    {
        (Read, Tag, Besides) = (read, tag, besides ?? []);
        Layers = new(() => Ready([.. Policy.Layers, .. Besides]));
    }

    public PolicyReading Read { get; }

    public AgentPolicy Policy => Read.Policy;

    public string? Tag { get; init; }

    public IReadOnlyList<AgentPolicyLayer> Besides { get; }

    /// <summary>When the call was sent whose answer last said that it is in force.</summary>
    public Moment? Confirmed { get; init; }

    /// <summary>The console's clock at that moment.</summary>
    public DateTimeOffset? ConsoleClock { get; init; }

    /// <summary>The console said that nothing but the policy and people's orders rules the agent.</summary>
    public bool RulesAlone { get; init; }

    /// <summary>An earlier process left it, and the console has not spoken of it since.</summary>
    public bool IsLeftBehind { get; init; }

    /// <summary>Its layers made ready for deciding; null when this client can't read one of them.</summary>
    public Lazy<IReadOnlyList<PolicyLayer>?> Layers { get; }

    private static IReadOnlyList<PolicyLayer>? Ready(IReadOnlyList<AgentPolicyLayer> layers)
    {
        var documents = layers.Select(layer => (layer, PolicyDocument.Parse(layer.Policy).Document)).ToList();
        return documents.Exists(read => read.Document is null) ? null
            : [.. documents.Select(read => new PolicyLayer(read.layer.Scope, (int)read.layer.Version, read.Document!))];
    }
}
