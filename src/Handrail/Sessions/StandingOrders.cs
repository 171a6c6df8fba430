using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>The order that holds a session, and whether its agent has said that it obeyed.</summary>
/// <param name="Since">When it began to hold for the session: when it was given, or when the session began after that.</param>
internal sealed record StandingOrder(Session Session, ControlCommand Order, DateTimeOffset Since, bool Acknowledged)
{
    /// <summary>The agent has had its time, and has not said that it obeyed.</summary>
    public bool IsUnobeyed(DateTimeOffset now) => !Acknowledged && now - Since > ControlQueries.AcknowledgeWithin;
}

/// <summary>Finds for sessions the order that holds them: a pause, a take-over or a stop, of their own or of what is above them.</summary>
internal static class StandingOrders
{
    private static readonly List<ControlKind> Moving = [ControlKind.Pause, ControlKind.TakeOver, ControlKind.Stop, ControlKind.Resume, ControlKind.HandBack];

    /// <summary>Those of these sessions whose agents have not acknowledged in time, for lists: what came of a session since is told by when something last did.</summary>
    public static async Task<Dictionary<string, Obedience>> UnobeyedAsync(HandrailDb db, List<string> ids, DateTimeOffset now, CancellationToken cancel)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var sessions = await db.Sessions.AsNoTracking().Where(s => EF.Parameter(ids).Contains(s.Id)).ToListAsync(cancel);
        return (await ReadAsync(db, sessions, cancel)).Where(o => o.IsUnobeyed(now))
            .ToDictionary(o => o.Session.Id, o => o.Session.LastActivityAt > o.Since ? Obedience.NotObeying : Obedience.NotConfirmed, StringComparer.Ordinal);
    }

    /// <summary>Those of the sessions that an order holds; what has ended owes nothing.</summary>
    public static async Task<List<StandingOrder>> ReadAsync(HandrailDb db, IReadOnlyCollection<Session> sessions, CancellationToken cancel)
    {
        var held = sessions.Where(s => s.EndedAt is null && (s.Control != ControlState.Running || s.ScopePaused)).ToList();
        if (held.Count == 0)
        {
            return [];
        }

        var ids = held.ConvertAll(s => s.Id);
        var own = ids.ConvertAll(Scopes.Session);
        var above = held.Select(s => Scopes.Agent(s.Agent)).Distinct(StringComparer.Ordinal).Append(Scopes.Fleet).ToList();
        var scopes = await db.ScopeControls.AsNoTracking().Where(c => above.Contains(c.Scope) && c.State != ControlState.Running).ToDictionaryAsync(c => c.Scope, cancel);
        var (first, standing) = (held.Min(s => s.ControlBase), scopes.Values.Select(c => c.Seq).ToList());
        var commands = (await db.ControlCommands.AsNoTracking()
            .Where(c => Moving.Contains(c.Kind) && (EF.Parameter(own).Contains(c.Scope) || (above.Contains(c.Scope) && (c.Seq > first || standing.Contains(c.Seq)))))
            .OrderBy(c => c.Seq).ToListAsync(cancel)).ToLookup(c => c.Scope, StringComparer.Ordinal);
        var acknowledged = (await db.ControlReceipts.AsNoTracking().Where(r => EF.Parameter(ids).Contains(r.SessionId) && r.AcknowledgedAt != null)
            .Select(r => new { r.SessionId, r.Seq }).ToListAsync(cancel)).Select(r => (r.SessionId, r.Seq)).ToHashSet();
        var found = new List<StandingOrder>(held.Count);
        foreach (var session in held)
        {
            if (Of(session, commands, scopes) is { } order)
            {
                // By our own clock: when a session says that it began may be an hour ahead.
                var since = order.Seq <= session.ControlBase ? session.FirstReceivedAt ?? session.StartedAt : order.At;
                found.Add(new StandingOrder(session, order, since, acknowledged.Contains((session.Id, order.Seq))));
            }
        }

        return found;
    }

    private static ControlCommand? Of(Session session, ILookup<string, ControlCommand> commands, Dictionary<string, ScopeControl> scopes)
    {
        var own = commands[Scopes.Session(session.Id)];
        var above = new[] { Scopes.Fleet, Scopes.Agent(session.Agent) };
        var back = own.Where(c => c.Kind is ControlKind.Resume or ControlKind.HandBack).Select(c => c.Seq).DefaultIfEmpty().Max();
        return session.Control switch
        {
            // The first of them: what is stopped stays stopped, and a second stop changes nothing.
            ControlState.Stopped => own.Concat(above.SelectMany(s => commands[s].Where(c => c.Seq > session.ControlBase || scopes.GetValueOrDefault(s)?.Seq == c.Seq)))
                .Where(c => c.Kind == ControlKind.Stop && c.Seq > back).MinBy(c => c.Seq),
            ControlState.TakenOver => own.LastOrDefault(c => c.Kind == ControlKind.TakeOver),
            ControlState.Paused => own.LastOrDefault(c => c.Kind == ControlKind.Pause),
            _ => above.Select(s => scopes.GetValueOrDefault(s)).OfType<ScopeControl>().Where(c => c.State == ControlState.Paused)
                .SelectMany(c => commands[c.Scope].Where(o => o.Seq == c.Seq)).MinBy(c => c.Seq),
        };
    }
}
