using System.Linq.Expressions;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>Sends again what was given up, under the id that it had: a receiver that took it after all can tell.</summary>
public sealed class ResendDeliveries(HandrailStore store)
{
    /// <exception cref="Refusal">No right, no such delivery, or one that is not given up.</exception>
    public Task OneAsync(Caller caller, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var delivery = await unit.Db.Deliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancel) ?? throw Refusal.NotFound($"delivery '{id}'");
                var channel = await unit.Db.Channels.Where(c => c.Id == delivery.ChannelId).ForUpdate().SingleOrDefaultAsync(cancel)
                    ?? throw Refusal.Conflict("Its channel was removed.");
                if (await AgainAsync(unit, d => d.Id == id && d.Status == DeliveryStatus.Dead, channel, cancel) == 0)
                {
                    throw Refusal.Conflict($"The delivery is {delivery.Status.Text()}; only one that was given up is sent again.");
                }

                unit.Record(new AuditEntry(caller, "delivery.resend", $"delivery:{id}") { After = new { channel = channel.Id } });
            },
            cancel);
    }

    /// <summary>All that was given up on a channel.</summary>
    /// <returns>How many are sent again.</returns>
    /// <exception cref="Refusal">No right, or no such channel.</exception>
    public Task<int> OfChannelAsync(Caller caller, string channelId, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var channel = await NotificationChannels.FindAsync(unit.Db, channelId, cancel);
                var count = await AgainAsync(unit, d => d.ChannelId == channelId && d.Status == DeliveryStatus.Dead, channel, cancel);
                if (count > 0)
                {
                    unit.Record(new AuditEntry(caller, "delivery.resend", $"channel:{channelId}") { After = new { count } });
                }

                return count;
            },
            cancel);
    }

    private static async Task<int> AgainAsync(UnitOfWork unit, Expression<Func<Delivery, bool>> which, Channel channel, CancellationToken cancel)
    {
        var now = unit.Now;
        var until = now + RouteNotices.TriesFor;
        channel.HeldUntil = null;
        unit.Tell(HintKind.Notice, Hint.ToSend);
        return await unit.Db.Deliveries.Where(which).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.Status, DeliveryStatus.Pending).SetProperty(d => d.NextAttemptAt, now).SetProperty(d => d.GiveUpAt, until)
                .SetProperty(d => d.Attempts, 0).SetProperty(d => d.OnlyWhileOpen, false),
            cancel);
    }
}
