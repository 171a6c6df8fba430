namespace Handrail.Access;

/// <summary>What somebody may do to which agent, as pages show it; the commands ask anew.</summary>
/// <param name="teams">The team of each registered agent; null for a caller none of whose roles is limited.</param>
public sealed class Rights(Caller caller, IReadOnlyDictionary<string, string>? teams = null)
{
    public Caller Caller => caller;

    /// <param name="agent">Null for all of them, and for what is no agent's.</param>
    public bool Over(Permission permission, string? agent) => agent is null ? caller.May(permission) : caller.MayFor(permission, agent, teams?.GetValueOrDefault(agent));

    /// <summary>Over every one of these.</summary>
    public bool OverAll(Permission permission, IEnumerable<string> agents) => caller.May(permission) || agents.All(a => Over(permission, a));

    /// <summary>Whether the caller is of this role for this agent.</summary>
    public bool Holds(string role, string agent) => caller.Holds(role, agent, teams?.GetValueOrDefault(agent));
}
