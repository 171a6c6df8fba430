using Handrail.Access;
using Handrail.Actions;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>What happens when nobody decided in time: rejected, or put before another role. Silence is never consent.</summary>
public sealed class ExpireHandoffs(HandrailStore store, TimeProvider time)
{
    /// <summary>So many in one transaction: hundreds that are due at once are dealt with within their second, and nobody's decision waits for all of them.</summary>
    private const int MostAtOnce = 100;

    /// <summary>Deals with every deadline that has passed; the state lives in the rows, so a restart loses none.</summary>
    /// <returns>How many were dealt with.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        for (var done = 0; ;)
        {
            var now = time.GetUtcNow();
            var due = await store.ReadAsync(
                db => db.Handoffs.Where(h => h.Status == HandoffStatus.Open && h.ExpiresAt != null && h.ExpiresAt <= now && h.OnTimeout != "hold")
                    .OrderBy(h => h.ExpiresAt).Take(MostAtOnce).Select(h => h.Id).ToListAsync(cancel),
                cancel);
            var dealt = due.Count == 0 ? 0 : await store.WriteAsync(unit => ExpireAsync(unit, due, cancel), cancel);
            done += dealt;

            // One that could not be dealt with now, because its session moves at this moment, is found again by the next round.
            if (due.Count < MostAtOnce || dealt == 0)
            {
                return done;
            }
        }
    }

    private static async Task<int> ExpireAsync(UnitOfWork unit, List<string> ids, CancellationToken cancel)
    {
        var db = unit.Db;

        // The session first, as every decision does; all in one order, so that two consoles that come at once wait for one another.
        var known = await db.Handoffs.AsNoTracking().Where(h => EF.Parameter(ids).Contains(h.Id)).Select(h => h.SessionId).Distinct().ToListAsync(cancel);
        var sessions = await db.Sessions.Where(s => EF.Parameter(known).Contains(s.Id) && s.MovedTo == null).OrderBy(s => s.Id).ForUpdate().ToDictionaryAsync(s => s.Id, cancel);
        var handoffs = await db.Handoffs.Where(h => EF.Parameter(ids).Contains(h.Id)).OrderBy(h => h.Id).ForUpdate().ToListAsync(cancel);
        var due = handoffs.FindAll(h => h.Status == HandoffStatus.Open && h.ExpiresAt <= unit.Now && sessions.ContainsKey(h.SessionId));
        var named = due.ConvertAll(h => h.ActionId);
        var actions = (await db.Actions.Where(a => EF.Parameter(known).Contains(a.SessionId) && EF.Parameter(named).Contains(a.ActionId) && a.Status == ActionStatus.Pending)
            .OrderBy(a => a.SessionId).ThenBy(a => a.ActionId).ForUpdate().ToListAsync(cancel)).ToDictionary(a => (a.SessionId, (string?)a.ActionId));
        var causes = due.FindAll(h => h.OnTimeout == "escalate").ConvertAll(h => Alerts.OfHandoff(h.Id));
        var alerts = causes.Count == 0 ? [] : await db.Alerts.Where(a => EF.Parameter(causes).Contains(a.Cause)).ToDictionaryAsync(a => a.Cause, cancel);
        List<Handoff> lapsed = [];
        foreach (var handoff in due)
        {
            var action = actions.GetValueOrDefault((handoff.SessionId, handoff.ActionId));
            if (handoff.OnTimeout == "escalate")
            {
                Escalate(unit, handoff, action, alerts.GetValueOrDefault(Alerts.OfHandoff(handoff.Id)));
            }
            else
            {
                Lapse(unit, sessions[handoff.SessionId], handoff, action);
                lapsed.Add(handoff);
            }

            unit.Tell(HintKind.Handoff, handoff.Id);
            unit.Tell(HintKind.Session, handoff.SessionId);
            if (action is not null)
            {
                unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
            }
        }

        await Notices.ClosedAsync(unit, lapsed, Caller.System.Name, cancel);
        return due.Count;
    }

    /// <summary>Once: when the role's time goes by as well, silence is a no.</summary>
    private static void Escalate(UnitOfWork unit, Handoff handoff, GatedAction? action, Alert? alert)
    {
        handoff.Role = handoff.EscalateTo;
        handoff.ExpiresAt = unit.Now + TimeSpan.FromSeconds(handoff.TimeoutSeconds);
        handoff.OnTimeout = "reject";
        (handoff.ClaimedBy, handoff.ClaimedUntil) = (null, null);
        (handoff.AssignedTo, handoff.AssignedBy, handoff.AssignedNote) = (null, null, null);
        handoff.Version++;
        if (action is not null)
        {
            action.ExpiresAt = handoff.ExpiresAt;
        }

        unit.Record(new AuditEntry(Caller.System, "handoff.escalate", $"handoff:{handoff.Id}") { After = new { role = handoff.Role, expires_at = handoff.ExpiresAt } });
        Notices.Escalated(unit, handoff, alert);
    }

    private static void Lapse(UnitOfWork unit, Session session, Handoff handoff, GatedAction? action)
    {
        handoff.Status = HandoffStatus.Expired;
        handoff.DecidedBy = Caller.System.Name;
        handoff.DecidedAt = unit.Now;
        handoff.Decision = "expire";
        (handoff.ClaimedBy, handoff.ClaimedUntil) = (null, null);
        handoff.Version++;
        if (handoff.Kind.HoldsUp() && handoff.PlantedFrom is null)
        {
            session.OpenHandoffs = Math.Max(0, session.OpenHandoffs - 1);
            session.Restate();
        }

        if (action is not null)
        {
            action.Status = ActionStatus.Expired;
            action.DecidedBy = Caller.System.Name;
            action.DecidedAt = unit.Now;
            action.Note = "Nobody decided in time.";
        }

        unit.Record(new AuditEntry(Caller.System, "handoff.expire", $"handoff:{handoff.Id}") { Tightens = true, After = new { status = handoff.Status, session = handoff.SessionId, action = handoff.ActionId } });
    }
}
