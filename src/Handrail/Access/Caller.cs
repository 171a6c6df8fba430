using System.Collections.Frozen;
using Handrail.Store;

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

    /// <summary>Roles that are held over every agent, and over what is no agent's: the fleet, people, settings.</summary>
    public IReadOnlySet<string> Roles { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Roles that are held over some agents alone.</summary>
    public IReadOnlyList<LimitedRole> LimitedRoles { get; init; } = [];

    /// <summary>Whose data a person may see: of an agent that uses another's, nothing.</summary>
    public IReadOnlyCollection<string> DataScopes { get; init; } = [];

    /// <summary>
    /// Agents that use data are hidden from people who lack a scope of theirs, and all but some from whose roles are limited to these (<see cref="HiddenAgents"/>).
    /// Administrators, who give scopes and roles, could give themselves any; and what an agent key may see is told by its team and its agents.
    /// </summary>
    public bool SeesEveryAgent => Kind != CallerKind.Person || Roles.Contains(Permissions.Administrator);

    /// <summary>The team that an agent key belongs to; null for people, who see all teams.</summary>
    public string? Team { get; init; }

    /// <summary>The teams that a person owns: its agent keys are theirs to make and to take away.</summary>
    public IEnumerable<string> OwnTeams => LimitedRoles.Where(r => r is { Role: Permissions.Owner, Agents: null, Team: not null }).Select(r => r.Team!).Distinct(StringComparer.Ordinal);

    /// <summary>The agents that a key is limited to; null for all of its team's.</summary>
    public IReadOnlyList<string>? Agents { get; init; }

    public string? Address { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>Somebody as a caller, outside of a call of theirs.</summary>
    /// <param name="roles">Those held over everything.</param>
    internal static Caller Of(Person person, IEnumerable<string> roles) => new()
    {
        Kind = CallerKind.Person,
        Id = person.Id,
        Name = person.Email!,
        Roles = roles.ToHashSet(StringComparer.Ordinal),
        LimitedRoles = JsonText.Read<List<LimitedRole>>(person.LimitedRolesJson) ?? [],
        DataScopes = JsonText.Read<List<string>>(person.DataScopesJson) ?? [],
    };

    public static Caller System { get; } = new() { Kind = CallerKind.System, Id = "system", Name = "Handrail" };

    /// <summary>
    /// True when the caller has the right over everything. Whoever has it over some agents alone is refused wherever nobody asked whom a deed is for: a place that was
    /// forgotten then shuts too much and opens nothing.
    /// </summary>
    public bool May(Permission permission) => Kind switch
    {
        CallerKind.System => true,
        CallerKind.Person => Permissions.Of(Roles).Contains(permission),
        _ => permission == Permission.ActAsAgent,
    };

    /// <summary>True when the caller has the right over some agent at least. Over which is asked where the agent is known.</summary>
    public bool MaySomewhere(Permission permission) => May(permission) || LimitedRoles.Any(r => Permissions.Has(r.Role, permission));

    /// <summary>True when the caller has the right over this agent.</summary>
    /// <param name="team">The agent's team; null where nobody has heard of it yet.</param>
    public bool MayFor(Permission permission, string agent, string? team) =>
        May(permission) || LimitedRoles.Any(r => Permissions.Has(r.Role, permission) && r.Covers(agent, team));

    /// <summary>True when the caller is of this role for this agent; an administrator is of every role.</summary>
    /// <inheritdoc cref="MayFor"/>
    public bool Holds(string role, string agent, string? team) =>
        Roles.Contains(role) || Roles.Contains(Permissions.Administrator) || LimitedRoles.Any(r => r.Role == role && r.Covers(agent, team));

    /// <summary>True when a person may know of this agent: sees it by a role, and holds every scope of the data that it uses.</summary>
    /// <param name="usedJson">The scopes that it uses; null for none.</param>
    /// <inheritdoc cref="MayFor"/>
    public bool MayKnowOf(string agent, string? team, string? usedJson) =>
        SeesEveryAgent || (MayFor(Permission.View, agent, team) && (usedJson is null || Access.DataScopes.Cover(DataScopes, usedJson)));

    /// <exception cref="Refusal">The caller lacks the right.</exception>
    public void Demand(Permission permission)
    {
        if (!May(permission))
        {
            throw Lacks(permission);
        }
    }

    /// <exception cref="Refusal">The caller has the right over no agent at all.</exception>
    public void DemandSomewhere(Permission permission)
    {
        if (!MaySomewhere(permission))
        {
            throw Lacks(permission);
        }
    }

    /// <summary>The refusal of a caller who lacks the right.</summary>
    /// <param name="over">What it is lacked over, as in "the agent 'claims'"; null where it is lacked altogether.</param>
    internal Refusal Lacks(Permission permission, string? over = null) => Refusal.NotAllowed(Kind switch
    {
        CallerKind.AgentKey => "An agent key may not do this; it takes a person.",
        _ when over is not null => $"This takes the right '{permission}' over {over}, which none of your roles has.",
        _ when MaySomewhere(permission) => $"This takes the right '{permission}' over every agent; you have it over some alone.",
        _ => $"This takes the right '{permission}', which none of your roles has.",
    });

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

    /// <summary>True when records of this team and agent may be known to the caller, as far as data scopes and limits of roles allow.</summary>
    public bool MaySee(string team, string agent) => Kind switch
    {
        CallerKind.AgentKey => string.Equals(team, Team, StringComparison.Ordinal) && (Agents is null || Agents.Contains(agent, StringComparer.Ordinal)),
        CallerKind.Person => MaySomewhere(Permission.View),
        _ => true,
    };
}
