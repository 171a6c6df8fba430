using System.Collections.Frozen;

namespace Handrail.Access;

public enum CallerKind
{
    Person,
    AgentKey,

    /// <summary>The console itself: deadlines, clean-up.</summary>
    System,
}

/// <summary>Who is calling, with all that permission is decided by. Built once at the door, passed to every command and query.</summary>
public sealed record Caller
{
    public required CallerKind Kind { get; init; }

    /// <summary>The person's or the key's id.</summary>
    public required string Id { get; init; }

    /// <summary>What records and pages call the caller: a person's e-mail address, a key's name.</summary>
    public required string Name { get; init; }

    public IReadOnlySet<string> Roles { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Whose data a person may see: of an agent that uses another's, nothing.</summary>
    public IReadOnlyCollection<string> DataScopes { get; init; } = [];

    /// <summary>
    /// Agents that use data are hidden from people who lack a scope of theirs (<see cref="HiddenAgents"/>). Administrators, who give scopes, could give
    /// themselves any; and what an agent key may see is told by its team and its agents.
    /// </summary>
    public bool SeesEveryAgent => Kind != CallerKind.Person || Roles.Contains(Permissions.Administrator);

    /// <summary>The team that an agent key belongs to; null for people, who see all teams.</summary>
    public string? Team { get; init; }

    /// <summary>The agents that a key is limited to; null for all of its team's.</summary>
    public IReadOnlyList<string>? Agents { get; init; }

    public string? Address { get; init; }

    public string? CorrelationId { get; init; }

    public static Caller System { get; } = new() { Kind = CallerKind.System, Id = "system", Name = "Handrail" };

    public bool May(Permission permission) => Kind switch
    {
        CallerKind.System => true,
        CallerKind.Person => Permissions.Of(Roles).Contains(permission),
        _ => permission == Permission.ActAsAgent,
    };

    /// <exception cref="Refusal">The caller lacks the right.</exception>
    public void Demand(Permission permission)
    {
        if (!May(permission))
        {
            throw Refusal.NotAllowed(Kind == CallerKind.AgentKey
                ? "An agent key may not do this; it takes a person."
                : $"This takes the right '{permission}', which none of your roles has.");
        }
    }

    /// <summary>True when an agent key may speak for this agent.</summary>
    public bool MayActFor(string agent) => Kind == CallerKind.AgentKey && (Agents is null || Agents.Contains(agent, StringComparer.Ordinal));

    /// <exception cref="Refusal">The caller is no agent key, or is limited to other agents.</exception>
    public void DemandAgent(string agent)
    {
        Demand(Permission.ActAsAgent);
        if (!MayActFor(agent))
        {
            throw Refusal.NotAllowed($"This key may not speak for the agent '{agent}'.");
        }
    }

    /// <summary>True when records of this team and agent may be known to the caller, as far as data scopes allow.</summary>
    public bool MaySee(string team, string agent) => Kind switch
    {
        CallerKind.AgentKey => string.Equals(team, Team, StringComparison.Ordinal) && (Agents is null || Agents.Contains(agent, StringComparer.Ordinal)),
        CallerKind.Person => May(Permission.View),
        _ => true,
    };
}
