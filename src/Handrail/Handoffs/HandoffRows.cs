using Handrail.Access;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>A handoff and its session, both locked: always the session first, so that a decision and a stop can't wait for one another.</summary>
internal static class HandoffRows
{
    public static async Task<(Session Session, Handoff Handoff)> LockHandoffAsync(this HandrailDb db, Caller caller, string id, CancellationToken cancel)
    {
        var known = await db.FindKnownHandoffAsync(caller, id, cancel);
        var session = await db.LockSessionAsync(known.SessionId, cancel) ?? throw Refusal.NotFound($"session '{known.SessionId}'");
        var handoff = await db.Handoffs.Where(h => h.Id == id).ForUpdate().SingleAsync(cancel);
        return (session, handoff);
    }

    /// <summary>The handoff, read only, when the caller may know of it.</summary>
    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public static async Task<Handoff> FindKnownHandoffAsync(this HandrailDb db, Caller caller, string id, CancellationToken cancel)
    {
        var handoff = await db.Handoffs.AsNoTracking().SingleOrDefaultAsync(h => h.Id == id, cancel);
        return handoff is not null && caller.MaySee(handoff.Team, handoff.Agent) && (handoff.PlantedFrom is null || caller.Kind != CallerKind.AgentKey)
            && await db.AllowAgentAsync(caller, handoff.Agent, cancel) && await db.AllowSessionAsync(caller, handoff.SessionId, cancel) ? handoff : throw Refusal.NotFound($"handoff '{id}'");
    }

    /// <summary>Refuses when somebody was first, saying who and how.</summary>
    public static void DemandOpen(Handoff handoff, DateTimeOffset now)
    {
        if (handoff.Status != HandoffStatus.Open)
        {
            var who = handoff.DecidedBy is null ? "" : $" by {handoff.DecidedBy}";
            throw Refusal.Conflict($"This handoff is no longer open: it was {handoff.Status.Text().Replace('_', ' ')}{who}.", HandoffAnswer.Of(handoff, now));
        }
    }
}
