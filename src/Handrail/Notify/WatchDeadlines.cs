using Handrail.Handoffs;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>Tells once of each handoff whose time to decide is nearly over: its last quarter, and at most its last quarter of an hour.</summary>
public sealed class WatchDeadlines(HandrailStore store, TimeProvider time)
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>Whoever has less time than this was told of it just now.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(4);

    private const int AtOnce = 200;

    /// <returns>How many were told of.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (until, shortest) = (now + Longest, (int)Shortest.TotalSeconds);
        var near = await store.ReadAsync(
            db => db.Handoffs.Where(h => h.Status == HandoffStatus.Open && h.ExpiresAt != null && h.ExpiresAt > now && h.ExpiresAt <= until && h.TimeoutSeconds >= shortest && h.OnTimeout != "hold"
                    && !db.Notices.Any(n => n.Cause == "handoff:" + h.Id && n.Kind == NoticeKind.DeadlineNear && n.ExpiresAt == h.ExpiresAt))
                .OrderBy(h => h.ExpiresAt).Take(AtOnce).Select(h => new { h.Id, h.ExpiresAt, h.TimeoutSeconds }).ToListAsync(cancel),
            cancel);
        var told = 0;
        foreach (var id in near.Where(h => h.ExpiresAt - now <= TimeSpan.FromSeconds(h.TimeoutSeconds / 4.0)).Select(h => h.Id))
        {
            told += await store.WriteAsync(unit => TellAsync(unit, id, cancel), cancel);
        }

        return told;
    }

    private static async Task<int> TellAsync(UnitOfWork unit, string id, CancellationToken cancel)
    {
        // Held, so that another process which looks at the same moment waits and then finds it told.
        var handoff = await unit.Db.Handoffs.Where(h => h.Id == id).ForUpdate().SingleOrDefaultAsync(cancel);
        var cause = Alerts.OfHandoff(id);
        if (handoff is not { Status: HandoffStatus.Open, ExpiresAt: { } expires }
            || await unit.Db.Notices.AnyAsync(n => n.Cause == cause && n.Kind == NoticeKind.DeadlineNear && n.ExpiresAt == expires, cancel))
        {
            return 0;
        }

        Notices.DeadlineNear(unit, handoff);
        return 1;
    }
}
