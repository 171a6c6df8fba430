using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>Clears away what was told long ago, a few rows at a time. What is still to be sent, and what is not resolved, stays.</summary>
public sealed class ClearNotices(HandrailStore store, TimeProvider time)
{
    /// <summary>As long as steps are kept unless an administrator says otherwise.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private const int AtOnce = 500;

    /// <returns>How many notices went.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var before = time.GetUtcNow() - Kept;
        var all = 0;
        while (true)
        {
            var gone = await store.WriteAsync(unit => ClearAsync(unit.Db, before, cancel), cancel);
            if (gone == 0)
            {
                return all;
            }

            all += gone;
        }
    }

    private static async Task<int> ClearAsync(HandrailDb db, DateTimeOffset before, CancellationToken cancel)
    {
        var ids = await db.Notices.Where(n => n.At < before && n.RoutedAt != null
                && !db.Deliveries.Any(d => d.NoticeId == n.Id && d.Status == DeliveryStatus.Pending) && !db.Alerts.Any(a => a.Cause == n.Cause && a.State != AlertState.Resolved))
            .OrderBy(n => n.At).Select(n => n.Id).Take(AtOnce).ToListAsync(cancel);
        if (ids.Count > 0)
        {
            await db.Deliveries.Where(d => ids.Contains(d.NoticeId)).ExecuteDeleteAsync(cancel);
            await db.Alerts.Where(a => ids.Contains(a.NoticeId)).ExecuteDeleteAsync(cancel);
            await db.Notices.Where(n => ids.Contains(n.Id)).ExecuteDeleteAsync(cancel);
        }

        return ids.Count;
    }
}
