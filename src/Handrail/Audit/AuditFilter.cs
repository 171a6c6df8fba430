using Handrail.Store;

namespace Handrail.Audit;

/// <summary>What a list of records is narrowed by; null members narrow nothing.</summary>
/// <param name="Act">One act; ending in <c>.*</c>, all acts of that kind.</param>
/// <param name="Since">The first moment.</param>
/// <param name="Until">The first moment that is not meant any more.</param>
public sealed record AuditFilter(string? Actor, string? Act, string? Target, DateTimeOffset? Since, DateTimeOffset? Until)
{
    /// <summary>The user on whose behalf an agent worked: only what was done to their sessions and to what was asked in them.</summary>
    public string? User { get; init; }

    /// <summary>The agent, with all that was done to it, to its sessions and to what it asked.</summary>
    public string? Agent { get; init; }

    /// <summary>The session, with what was asked in it.</summary>
    public string? Session { get; init; }

    internal IQueryable<AuditRecord> Narrow(HandrailDb db, IQueryable<AuditRecord> rows)
    {
        if (User is not null || Agent is not null || Session is not null)
        {
            var targets = Targets(db);
            rows = rows.Where(r => targets.Contains(r.Target));
        }

        if (Actor is { } actor)
        {
            rows = rows.Where(r => r.Actor == actor);
        }

        if (Act is { } act)
        {
            var kind = act.EndsWith(".*", StringComparison.Ordinal) ? act[..^1] : null;
            rows = kind is null ? rows.Where(r => r.Act == act) : rows.Where(r => r.Act.StartsWith(kind));
        }

        if (Target is { } target)
        {
            rows = rows.Where(r => r.Target == target);
        }

        if (Since is { } since)
        {
            rows = rows.Where(r => r.At >= since);
        }

        return Until is { } until ? rows.Where(r => r.At < until) : rows;
    }

    /// <summary>What records of this user, agent and session name as their target. Read from what is decided now: the record itself holds no more than the target.</summary>
    private IQueryable<string> Targets(HandrailDb db)
    {
        var (handoffs, actions, sessions) = (db.Handoffs.AsQueryable(), db.Actions.AsQueryable(), db.Sessions.AsQueryable());
        if (User is { } user)
        {
            (handoffs, actions, sessions) = (handoffs.Where(h => h.User == user), actions.Where(a => a.User == user), sessions.Where(s => s.User == user));
        }

        if (Agent is { } agent)
        {
            (handoffs, actions, sessions) = (handoffs.Where(h => h.Agent == agent), actions.Where(a => a.Agent == agent), sessions.Where(s => s.Agent == agent));
        }

        if (Session is { } session)
        {
            (handoffs, actions, sessions) = (handoffs.Where(h => h.SessionId == session), actions.Where(a => a.SessionId == session), sessions.Where(s => s.Id == session));
        }

        var targets = handoffs.Select(h => "handoff:" + h.Id).Concat(actions.Select(a => "action:" + a.SessionId + "/" + a.ActionId)).Concat(sessions.Select(s => "session:" + s.Id));
        return this is { Agent: { } only, User: null, Session: null } ? targets.Concat(db.Agents.Where(a => a.Name == only).Select(a => "agent:" + a.Name)) : targets;
    }
}
