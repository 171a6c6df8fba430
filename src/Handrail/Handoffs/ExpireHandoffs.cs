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
    private const int MostAtOnce = 200;

    /// <summary>Deals with every deadline that has passed; the state lives in the rows, so a restart loses none.</summary>
    /// <returns>How many were dealt with.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var due = await store.ReadAsync(
            db => db.Handoffs.Where(h => h.Status == HandoffStatus.Open && h.ExpiresAt != null && h.ExpiresAt <= now && h.OnTimeout != "hold")
                .OrderBy(h => h.ExpiresAt).Take(MostAtOnce).Select(h => h.Id).ToListAsync(cancel),
            cancel);
        foreach (var id in due)
        {
            await store.WriteAsync(unit => ExpireAsync(unit, id, cancel), cancel);
        }

        return due.Count;
    }

    private static async Task ExpireAsync(UnitOfWork unit, string id, CancellationToken cancel)
    {
        var (session, handoff) = await unit.Db.LockHandoffAsync(Caller.System, id, cancel);
        if (handoff.Status != HandoffStatus.Open || handoff.ExpiresAt > unit.Now)
        {
            return;
        }

        if (handoff.OnTimeout == "escalate")
        {
            handoff.Role = handoff.EscalateTo;
            handoff.ExpiresAt = unit.Now + TimeSpan.FromSeconds(handoff.TimeoutSeconds);
            handoff.ClaimedBy = null;
            handoff.ClaimedUntil = null;
            handoff.Version++;
            unit.Record(new AuditEntry(Caller.System, "handoff.escalate", $"handoff:{id}") { After = new { role = handoff.Role, expires_at = handoff.ExpiresAt } });
            await Notices.EscalatedAsync(unit, handoff, cancel);
            unit.Tell(HintKind.Handoff, id);
            return;
        }

        handoff.Status = HandoffStatus.Expired;
        handoff.DecidedBy = Caller.System.Name;
        handoff.DecidedAt = unit.Now;
        handoff.Decision = "expire";
        handoff.Version++;
        session.OpenHandoffs = Math.Max(0, session.OpenHandoffs - 1);
        session.Restate();
        var action = await unit.Db.Actions.Where(a => a.SessionId == session.Id && a.ActionId == handoff.ActionId && a.Status == ActionStatus.Pending)
            .ForUpdate().SingleOrDefaultAsync(cancel);
        if (action is not null)
        {
            action.Status = ActionStatus.Expired;
            action.DecidedBy = Caller.System.Name;
            action.DecidedAt = unit.Now;
            action.Note = "Nobody decided in time.";
            unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
        }

        await Notices.ClosedAsync(unit, handoff, cancel);
        unit.Record(new AuditEntry(Caller.System, "handoff.expire", $"handoff:{id}"));
        unit.Tell(HintKind.Handoff, id);
        unit.Tell(HintKind.Session, session.Id);
    }
}
