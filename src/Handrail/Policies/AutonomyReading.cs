using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Policies;

/// <summary>One layer as it is in force, and who made it so.</summary>
/// <param name="Scope"><c>fleet</c> or <c>agent:NAME</c>.</param>
/// <param name="Version">0 when none was published.</param>
/// <param name="Document">Null when none was published.</param>
public sealed record LayerState(string Scope, int Version, PolicyDocument? Document)
{
    public string? By { get; init; }

    public DateTimeOffset? At { get; init; }

    public string? Reason { get; init; }

    /// <summary>What the layer says where nothing was published: the fleet's asks a person, an agent's holds nothing back.</summary>
    public PolicyDocument Rules => Document ?? (Scope == Scopes.Fleet ? PolicyDocument.FleetDefault : PolicyDocument.AgentDefault);
}

/// <summary>An agent's own layer.</summary>
public sealed record AgentLayer(string Agent, LayerState Layer);

/// <summary>Every layer in force.</summary>
public sealed record AutonomyReading(LayerState Fleet, IReadOnlyList<AgentLayer> Agents);

/// <summary>An action type that an agent asked for lately.</summary>
/// <param name="Count">How often.</param>
/// <param name="Currency">The currency it mostly comes in; null where it comes without an amount.</param>
public sealed record TypeSeen(string Agent, string Type, int Count, string? Currency);
