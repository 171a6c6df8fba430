using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>How far a right goes, asked in the transaction of a deed: a role may be held over some agents alone.</summary>
internal static class Reach
{
    /// <exception cref="Refusal">The caller has not the right over this agent.</exception>
    public static async Task DemandForAsync(this HandrailDb db, Caller caller, Permission permission, string agent, CancellationToken cancel)
    {
        if (!caller.May(permission) && !caller.MayFor(permission, agent, await db.TeamOfAsync(agent, cancel)))
        {
            throw caller.Lacks(permission, $"the agent '{agent}'");
        }
    }

    /// <summary>Over a session reaches who reaches every agent that worked in it.</summary>
    /// <exception cref="Refusal">The caller has not the right over one of them.</exception>
    public static async Task DemandForSessionAsync(this HandrailDb db, Caller caller, Permission permission, Session session, CancellationToken cancel)
    {
        if (!caller.May(permission) && !await db.ReachesSessionAsync(caller, permission, session, cancel))
        {
            throw caller.Lacks(permission, "every agent of this session");
        }
    }

    /// <inheritdoc cref="DemandForSessionAsync"/>
    /// <returns>True when the caller has the right over the session.</returns>
    public static async Task<bool> ReachesSessionAsync(this HandrailDb db, Caller caller, Permission permission, Session session, CancellationToken cancel)
    {
        if (caller.May(permission))
        {
            return true;
        }

        var agents = await db.WorkedInAsync(session.Id, cancel);
        return caller.MayFor(permission, session.Agent, agents.Find(a => a.Name == session.Agent)?.Team ?? session.Team)
            && agents.TrueForAll(a => caller.MayFor(permission, a.Name, a.Team));
    }

    /// <summary>Over a scope: an agent's, or all agents'.</summary>
    /// <exception cref="Refusal">The caller has not the right over it.</exception>
    public static Task DemandForScopeAsync(this HandrailDb db, Caller caller, Permission permission, string scope, CancellationToken cancel)
    {
        if (scope.StartsWith(Scopes.Agent(""), StringComparison.Ordinal))
        {
            return db.DemandForAsync(caller, permission, scope[Scopes.Agent("").Length..], cancel);
        }

        caller.Demand(permission);
        return Task.CompletedTask;
    }

    /// <summary>The team of an agent; null of one that nobody has heard of.</summary>
    public static Task<string?> TeamOfAsync(this HandrailDb db, string agent, CancellationToken cancel) =>
        db.Agents.IgnoreQueryFilters().Where(a => a.Name == agent).Select(a => (string?)a.Team).SingleOrDefaultAsync(cancel);
}
