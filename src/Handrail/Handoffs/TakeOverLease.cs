using Handrail.Access;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>
/// A session is in the hands of one person for as long as that person is at work on it. Its lease is a handoff of the kind <c>take_over</c>, so that the queue
/// shows who holds what; once it has run out the agent is still held, and whoever comes next may take the session on. The session's row is to be locked.
/// </summary>
internal static class TakeOverLease
{
    /// <summary>How long a session stays one person's without a sign of that person: long enough for a telephone call.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    /// <summary>The open lease, held or run out; null when there is none.</summary>
    public static Task<Handoff?> FindAsync(UnitOfWork unit, string sessionId, CancellationToken cancel) =>
        unit.Db.Handoffs.Where(h => h.SessionId == sessionId && h.Kind == HandoffKind.TakeOver && h.Status == HandoffStatus.Open).OrderByDescending(h => h.OpenedAt).ForUpdate()
            .FirstOrDefaultAsync(cancel);

    /// <summary>Gives the session to a person, or to the next one.</summary>
    public static void Give(UnitOfWork unit, Session session, Handoff? lease, string by, string? reason)
    {
        if (lease is null)
        {
            lease = new Handoff
            {
                Id = $"h-{Guid.CreateVersion7():n}",
                Team = session.Team,
                Kind = HandoffKind.TakeOver,
                SessionId = session.Id,
                Agent = session.Agent,
                User = session.User,
                ReasonsJson = "[]",
                OnTimeout = "hold",
                OpenedAt = unit.Now,
            };
            unit.Db.Handoffs.Add(lease);
        }
        else
        {
            lease.Version++;
        }

        (lease.ClaimedBy, lease.ClaimedUntil, lease.Detail) = (by, unit.Now + Length, reason);
        unit.Tell(HintKind.Handoff, lease.Id);
    }

    /// <summary>Whether the lease keeps this caller from the session.</summary>
    public static bool Keeps(Handoff? lease, Session session, Caller caller, DateTimeOffset now) =>
        !string.Equals(session.TakenOverBy, caller.Name, StringComparison.Ordinal) && lease?.ClaimedUntil > now;

    /// <summary>A sign of the person who holds it.</summary>
    public static void Renew(UnitOfWork unit, Handoff? lease, string by)
    {
        if (lease?.ClaimedBy == by)
        {
            lease.ClaimedUntil = unit.Now + Length;
            unit.Tell(HintKind.Handoff, lease.Id);
        }
    }

    /// <summary>Over: handed back, or ended.</summary>
    public static void Resolve(UnitOfWork unit, Handoff? lease, string by, string decision, string? note)
    {
        if (lease is null)
        {
            return;
        }

        (lease.Status, lease.DecidedBy, lease.DecidedAt, lease.Decision, lease.Note) = (HandoffStatus.Resolved, by, unit.Now, decision, note);
        (lease.ClaimedBy, lease.ClaimedUntil) = (null, null);
        lease.Version++;
        unit.Tell(HintKind.Handoff, lease.Id);
    }
}
