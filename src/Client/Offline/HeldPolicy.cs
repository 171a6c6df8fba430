using Handrail.Client.Wire;
using Handrail.Policy;

namespace Handrail.Client.Offline;

/// <summary>The policy as it was last read, and since when nobody can say whether it is still in force.</summary>
/// <param name="Policy">What rules the agent.</param>
/// <param name="Tag">What the console knows it by; null where it did not say.</param>
internal sealed record HeldPolicy(AgentPolicy Policy, string? Tag)
{
    /// <summary>When the call was sent whose answer last said that it is in force.</summary>
    public Moment? Confirmed { get; init; }

    /// <summary>The console's clock at that moment.</summary>
    public DateTimeOffset? ConsoleClock { get; init; }

    /// <summary>The console said that nothing but the policy and people's orders rules the agent.</summary>
    public bool RulesAlone { get; init; }

    /// <summary>Its layers made ready for deciding; null when this client can't read one of them.</summary>
    public Lazy<IReadOnlyList<PolicyLayer>?> Layers { get; init; } = new(() => Read(Policy));

    private static IReadOnlyList<PolicyLayer>? Read(AgentPolicy policy)
    {
        var documents = policy.Layers.Select(layer => (layer, PolicyDocument.Parse(layer.Policy).Document)).ToList();
        return documents.Exists(read => read.Document is null) ? null
            : [.. documents.Select(read => new PolicyLayer(read.layer.Scope, (int)read.layer.Version, read.Document!))];
    }
}
