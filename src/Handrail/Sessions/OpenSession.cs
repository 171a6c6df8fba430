using Handrail.Access;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Makes a session, and its agent's entry in the registry, when they are first named. What is already ordered for the agent or
/// the fleet holds for a new session from its first moment.
/// </summary>
internal static class OpenSession
{
    /// <summary>The session's row, locked; made when there is none. The agent's entry is there already.</summary>
    /// <exception cref="Refusal">The session belongs to another team.</exception>
    public static async Task<Session> EnsureAsync(UnitOfWork unit, Caller caller, string id, string agent, CancellationToken cancel)
    {
        var session = await unit.Db.LockSessionAsync(id, cancel);
        if (session is not null)
        {
            return string.Equals(session.Team, caller.Team, StringComparison.Ordinal) ? session : throw Refusal.NotFound($"session '{id}'");
        }

        session = new Session
        {
            Id = id,
            Team = caller.Team!,
            Agent = agent,
            StartedAt = unit.Now,
            LastActivityAt = unit.Now,
            ControlBase = await unit.Db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0,
        };
        var scopes = new[] { Scopes.Fleet, Scopes.Agent(agent) };
        var ordered = await unit.Db.ScopeControls.AsNoTracking().Where(c => scopes.Contains(c.Scope)).Select(c => c.State).ToListAsync(cancel);
        session.ScopePaused = ordered.Contains(ControlState.Paused);
        session.Control = ordered.Contains(ControlState.Stopped) ? ControlState.Stopped : ControlState.Running;
        session.Restate();
        unit.Db.Sessions.Add(session);
        unit.Db.SessionAgents.Add(new SessionAgent { SessionId = id, Agent = agent });
        unit.Tell(HintKind.Session, id);

        // Written now: what follows in the transaction refers to it.
        await unit.Db.SaveChangesAsync(cancel);
        return session;
    }

    /// <summary>The agent's entry, and the rows that its control and its policy meet decisions on.</summary>
    public static async Task EnsureAgentAsync(UnitOfWork unit, Caller caller, string name, CancellationToken cancel)
    {
        var scope = Scopes.Agent(name);
        var known = await unit.Db.Agents.AsNoTracking().Where(a => a.Name == name)
            .Select(a => new { a.Team, HasRows = unit.Db.ScopeControls.Any(c => c.Scope == scope) && unit.Db.PolicyHeads.Any(h => h.Scope == scope) })
            .SingleOrDefaultAsync(cancel);
        if (known is not null && !string.Equals(known.Team, caller.Team, StringComparison.Ordinal))
        {
            throw Refusal.NotAllowed($"The agent '{name}' belongs to another team.");
        }

        if (known is { HasRows: true })
        {
            return;
        }

        if (known is null)
        {
            if (await unit.Db.Agents.CountAsync(a => a.Team == caller.Team, cancel) >= Agent.MostInTeam)
            {
                throw Refusal.NotAllowed(Agent.TooMany);
            }

            unit.Db.Agents.Add(new Agent { Name = name, Team = caller.Team!, FirstSeenAt = unit.Now, LastSeenAt = unit.Now });
            unit.Tell(HintKind.Agent, name);
        }

        if (!await unit.Db.ScopeControls.AnyAsync(c => c.Scope == scope, cancel))
        {
            unit.Db.ScopeControls.Add(new ScopeControl { Scope = scope });
        }

        if (!await unit.Db.PolicyHeads.AnyAsync(h => h.Scope == scope, cancel))
        {
            unit.Db.PolicyHeads.Add(new PolicyHead { Scope = scope });
        }

        await unit.Db.SaveChangesAsync(cancel);
    }
}
