using System.Runtime.CompilerServices;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Breakers;

/// <summary>A breaker and the policy it stands in.</summary>
/// <param name="Layer"><c>fleet</c> or <c>agent:NAME</c>.</param>
internal sealed record StandingBreaker(string Layer, Breaker Breaker)
{
    /// <summary>What it counts over, when this agent's session is looked at.</summary>
    public string ScopeOf(string agent, string session) => Breaker.Scope switch
    {
        BreakerScope.Session => Scopes.Session(session),
        BreakerScope.Agent => Scopes.Agent(agent),
        _ => Scopes.Fleet,
    };
}

/// <summary>The breakers that hold for a session of an agent: the fleet's and the agent's own.</summary>
internal sealed class BreakersInForce(PolicySnapshots policies)
{
    private readonly ConditionalWeakTable<PolicyLayer, StandingBreaker[]> _ofLayers = [];

    public async Task<(IReadOnlyList<StandingBreaker> Fleet, IReadOnlyList<StandingBreaker> Own)> ForAsync(HandrailDb db, string agent, LayerVersions versions, CancellationToken cancel) =>
        (await OfAsync(db, Scopes.Fleet, versions.Fleet, cancel), versions.Agent == 0 ? [] : await OfAsync(db, Scopes.Agent(agent), versions.Agent, cancel));

    public async Task<IReadOnlyList<StandingBreaker>> OfAsync(HandrailDb db, string scope, int version, CancellationToken cancel) =>
        _ofLayers.GetValue(await policies.LayerAsync(db, scope, version, cancel), layer => [.. layer.Document.Breakers.Select(b => new StandingBreaker(scope, b))]);
}
