using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>
/// Asks the rules of each new notice whom to tell, and makes the deliveries. A notice is routed once, whichever process comes first: its
/// row is held while it is, and what it leads to is committed with that.
/// </summary>
public sealed class RouteNotices(HandrailStore store, TimeProvider time)
{
    /// <summary>From when a delivery is due until it is given up.</summary>
    public static readonly TimeSpan TriesFor = TimeSpan.FromHours(24);

    private const int AtOnce = 200;

    /// <summary>Routes all there is.</summary>
    /// <returns>The channels that have something due now.</returns>
    public async Task<IReadOnlyCollection<string>> HandleAsync(CancellationToken cancel)
    {
        while (await AnyAsync(cancel) && await store.WriteAsync(unit => RouteAsync(unit, cancel), cancel) + await store.WriteAsync(unit => FollowUpAsync(unit, cancel), cancel) > 0)
        {
            // There may be more than one portion.
        }

        var now = time.GetUtcNow();
        return await store.ReadAsync(
            db => db.Channels.Where(c => c.Enabled && (c.HeldUntil == null || c.HeldUntil <= now) && (c.LeaseUntil == null || c.LeaseUntil <= now)
                    && db.Deliveries.Any(d => d.ChannelId == c.Id && d.Status == DeliveryStatus.Pending && d.NextAttemptAt <= now))
                .Select(c => c.Id).ToListAsync(cancel),
            cancel);
    }

    /// <summary>Asked before anything is written: on SQLite whoever writes keeps everybody else from writing.</summary>
    private Task<bool> AnyAsync(CancellationToken cancel) => store.ReadAsync(
        async db => await db.Notices.AnyAsync(n => n.RoutedAt == null, cancel) || await db.Alerts.AnyAsync(a => a.Untold, cancel), cancel);

    private static async Task<int> RouteAsync(UnitOfWork unit, CancellationToken cancel)
    {
        var db = unit.Db;
        var notices = await db.Notices.Where(n => n.RoutedAt == null).OrderBy(n => n.At).ThenBy(n => n.Id).Take(AtOnce).ForUpdate().ToListAsync(cancel);
        if (notices.Count == 0)
        {
            return 0;
        }

        var channels = await db.Channels.AsNoTracking().ToDictionaryAsync(c => c.Id, cancel);
        var rules = (await db.NotificationRules.AsNoTracking().Where(r => r.Enabled).OrderBy(r => r.Name).ThenBy(r => r.Id).ToListAsync(cancel))
            .Where(r => channels.TryGetValue(r.ChannelId, out var channel) && channel.Enabled).Select(r => (Rule: r, r.Terms, Channel: channels[r.ChannelId])).ToList();
        var ordered = rules.Count == 0 ? [] : await OrderedByBreakersAsync(db, notices, cancel);
        foreach (var notice in notices)
        {
            notice.RoutedAt = unit.Now;
            if (ordered.Contains(notice.Id))
            {
                continue;
            }

            var told = new HashSet<(string, int)>();
            foreach (var (rule, terms, channel) in rules)
            {
                if (RuleMatching.Matches(terms, notice) && Takes(channel, notice) && told.Add((channel.Id, terms.AfterMinutes))
                    && RuleMatching.When(terms, notice) is { At: { } at } when)
                {
                    db.Deliveries.Add(Delivery(notice.Id, channel.Id, DeliveryEvent.Trigger, at, unit.Now, rule.Name, terms.AfterMinutes, when.OnlyWhileOpen));
                }
            }
        }

        unit.Tell(HintKind.Notice, Hint.Sent);
        return notices.Count;
    }

    /// <summary>What a breaker ordered is told with its trip, and not a second time as an order.</summary>
    private static async Task<HashSet<string>> OrderedByBreakersAsync(HandrailDb db, List<Notice> notices, CancellationToken cancel)
    {
        var orders = notices.Where(n => n.Kind is NoticeKind.Paused or NoticeKind.Stopped && n.By == Caller.System.Name).ToList();
        if (orders.Count == 0)
        {
            return [];
        }

        var (first, last) = (orders.Min(n => n.At), orders.Max(n => n.At));
        var trips = (await db.Notices.AsNoTracking().Where(n => n.At >= first && n.At <= last && n.Kind == NoticeKind.BreakerTripped)
            .Select(n => new { n.SessionId, n.Agent, n.At }).ToListAsync(cancel)).Select(t => (t.SessionId, t.Agent, t.At)).ToHashSet();
        return [.. orders.Where(n => trips.Contains((n.SessionId, n.Agent, n.At))).Select(n => n.Id)];
    }

    /// <summary>Those systems that were told of an alert, and keep one of their own, hear that it is acknowledged or resolved.</summary>
    private static async Task<int> FollowUpAsync(UnitOfWork unit, CancellationToken cancel)
    {
        var db = unit.Db;
        var alerts = await db.Alerts.Where(a => a.Untold).OrderBy(a => a.Id).Take(AtOnce).ForUpdate().ToListAsync(cancel);
        foreach (var alert in alerts)
        {
            alert.Untold = false;
            var what = alert.State == AlertState.Resolved ? DeliveryEvent.Resolve : DeliveryEvent.Acknowledge;
            var told = await db.Deliveries.AsNoTracking()
                .Where(d => d.Event == DeliveryEvent.Trigger && d.Attempts > 0 && d.Status != DeliveryStatus.Dead
                    && db.Notices.Any(n => n.Id == d.NoticeId && n.Cause == alert.Cause && n.At >= alert.OpenedAt)
                    && db.Channels.Any(c => c.Id == d.ChannelId && c.Enabled && (c.Kind == ChannelKind.PagerDuty || c.Kind == ChannelKind.Webhook)))
                .Select(d => d.ChannelId).Distinct().ToListAsync(cancel);
            var sent = await db.Deliveries.AsNoTracking().Where(d => d.NoticeId == alert.NoticeId && d.Event == what).Select(d => d.ChannelId).ToListAsync(cancel);
            db.Deliveries.AddRange(told.Except(sent, StringComparer.Ordinal).Select(channel => Delivery(alert.NoticeId, channel, what, unit.Now, unit.Now, null, 0, onlyWhileOpen: false)));
        }

        if (alerts.Count > 0)
        {
            unit.Tell(HintKind.Notice, Hint.Sent);
        }

        return alerts.Count;
    }

    /// <summary>PagerDuty keeps incidents, which something must be able to end.</summary>
    private static bool Takes(Channel channel, Notice notice) => channel.Kind != ChannelKind.PagerDuty || Notices.WantsAPerson(notice.Kind);

    internal static Delivery Delivery(string notice, string channel, DeliveryEvent what, DateTimeOffset at, DateTimeOffset now, string? rule, int step, bool onlyWhileOpen) => new()
    {
        Id = $"msg_{Guid.CreateVersion7():n}",
        NoticeId = notice,
        ChannelId = channel,
        RuleName = rule,
        Event = what,
        Step = step,
        OnlyWhileOpen = onlyWhileOpen,
        CreatedAt = now,
        NextAttemptAt = at,
        GiveUpAt = (at > now ? at : now) + TriesFor,
    };
}
