using Handrail.Live;
using Handrail.Notify.Sending;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Handrail.Notify;

/// <summary>
/// Sends what is due on one channel, one after another. A lease on the channel keeps every other process from it meanwhile; whoever dies while it
/// sends leaves a delivery that is sent again under the same id. An attempt is counted before it is made.
/// </summary>
public sealed class SendDeliveries : IDisposable
{
    /// <summary>Longer than an attempt can take: after it whoever had the channel is taken to be gone.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly HandrailStore _store;
    private readonly ChannelSecrets _secrets;
    private readonly NotifySettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<SendDeliveries> _log;
    private readonly OutsideHttp _http;
    private readonly Dictionary<ChannelKind, ISender> _senders;

    public SendDeliveries(HandrailStore store, ChannelSecrets secrets, NotifySettings settings, Links links, TimeProvider time, ILogger<SendDeliveries> log)
    {
        (_store, _secrets, _settings, _time, _log) = (store, secrets, settings, time, log);
        var outside = new Outside(settings);
        _http = new OutsideHttp(outside, time);
        _senders = new ISender[] { new WebhookSender(_http, links), new SlackSender(_http, links), new PagerDutySender(_http, links), new MailSender(outside, settings, links) }
            .ToDictionary(s => s.Kind);
    }

    /// <summary>Sends all that is due on the channel.</summary>
    /// <returns>When to come again; null when nothing waits, or another process sees to it.</returns>
    public async Task<DateTimeOffset?> HandleAsync(string channelId, CancellationToken cancel)
    {
        var me = Guid.NewGuid().ToString("n");
        while (true)
        {
            var (work, again) = await _store.WriteAsync(unit => TakeAsync(unit, channelId, me, cancel), cancel);
            if (work is null)
            {
                return again;
            }

            Attempt attempt;
            try
            {
                attempt = await TryAsync(work, cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // The console ends. Whether the message arrived is not known: it goes again, under the same id, when the console is back.
                await _store.WriteAsync(unit => ReleaseAsync(unit, work.Delivery.Id, channelId, me), CancellationToken.None);
                throw;
            }

            await _store.WriteAsync(unit => SettleAsync(unit, work.Delivery.Id, channelId, attempt, CancellationToken.None), CancellationToken.None);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(Message? Work, DateTimeOffset? Again)> TakeAsync(UnitOfWork unit, string channelId, string me, CancellationToken cancel)
    {
        var (db, now) = (unit.Db, unit.Now);
        var channel = await db.Channels.Where(c => c.Id == channelId).ForUpdate().SingleOrDefaultAsync(cancel);
        if (channel is not { Enabled: true } || (channel.LeaseBy != me && channel.LeaseUntil > now))
        {
            return default;
        }

        if (channel.HeldUntil > now)
        {
            (channel.LeaseBy, channel.LeaseUntil) = (null, null);
            return (null, channel.HeldUntil);
        }

        while (true)
        {
            var pending = db.Deliveries.Where(d => d.ChannelId == channelId && d.Status == DeliveryStatus.Pending);
            var delivery = await pending.OrderBy(d => d.NextAttemptAt).ThenBy(d => d.Id).FirstOrDefaultAsync(cancel);
            if (delivery is null || delivery.NextAttemptAt > now)
            {
                (channel.LeaseBy, channel.LeaseUntil) = (null, null);
                return (null, delivery?.NextAttemptAt);
            }

            var notice = await db.Notices.AsNoTracking().SingleOrDefaultAsync(n => n.Id == delivery.NoticeId, cancel);
            var alert = notice is null ? null : await db.Alerts.AsNoTracking().SingleOrDefaultAsync(a => a.Cause == notice.Cause, cancel);
            if (notice is null || IsOver(delivery, channel, notice, alert))
            {
                delivery.Status = DeliveryStatus.Skipped;
                delivery.LastError = alert?.State == AlertState.Acknowledged ? "Somebody had acknowledged it by then." : "It was over by then.";
                await db.SaveChangesAsync(cancel);
                unit.Tell(HintKind.Notice, Hint.Sent);
                continue;
            }

            delivery.Attempts++;
            delivery.AttemptedAt = now;
            (channel.LeaseBy, channel.LeaseUntil) = (me, now + Lease);
            return (await MessageAsync(db, channel, delivery, notice, alert, now, cancel), null);
        }
    }

    /// <summary>True for what nobody needs to hear any more. Systems hear all of it, in order: theirs is a record.</summary>
    private static bool IsOver(Delivery delivery, Channel channel, Notice notice, Alert? alert)
    {
        if (delivery.Event != DeliveryEvent.Trigger || alert is null || !Notices.WantsAPerson(notice.Kind))
        {
            return false;
        }

        return delivery.OnlyWhileOpen ? alert.State != AlertState.Open : channel.Kind != ChannelKind.Webhook && alert.State == AlertState.Resolved;
    }

    private async Task<Message> MessageAsync(HandrailDb db, Channel channel, Delivery delivery, Notice notice, Alert? alert, DateTimeOffset now, CancellationToken cancel)
    {
        var address = JsonText.Read<ChannelAddress>(channel.AddressJson)!;
        // One that can't be decrypted is told with the attempt, which can't be made without it.
        var secret = _secrets.RevealOrNull(channel);
        return new Message(channel, address, secret, delivery, notice, alert)
        {
            At = now,
            Recipients = channel.Kind == ChannelKind.Email ? await Recipients.OfAsync(db, address, notice, cancel) : [],
        };
    }

    private async Task<Attempt> TryAsync(Message message, CancellationToken cancel)
    {
        if (message is { Secret: null, Channel.Secret: not null })
        {
            return new Attempt(Fault.Channel, "The channel's secret can't be decrypted any more: enter it again.");
        }

        using var late = new CancellationTokenSource(_settings.AttemptWithin, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancel);
        try
        {
            return await _senders[message.Channel.Kind].SendAsync(message, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Attempt(Fault.Channel, $"There was no answer within {_settings.AttemptWithin.TotalSeconds:0} s.");
        }
        catch (OutsideException e)
        {
            return new Attempt(Fault.Channel, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever else it is must not keep the others of the channel from going.
            _log.LogError(e, "Delivery {Delivery} on channel {Channel} failed in a way that is not foreseen", message.Delivery.Id, message.Channel.Id);
            return new Attempt(Fault.Message, "It could not be sent; the console's log says more.");
        }
    }

    private async Task SettleAsync(UnitOfWork unit, string id, string channelId, Attempt attempt, CancellationToken cancel)
    {
        var now = unit.Now;
        var channel = await unit.Db.Channels.Where(c => c.Id == channelId).ForUpdate().SingleOrDefaultAsync(cancel);
        var delivery = await unit.Db.Deliveries.SingleOrDefaultAsync(d => d.Id == id && d.Status == DeliveryStatus.Pending, cancel);
        if (delivery is not null)
        {
            (delivery.LastError, delivery.LastStatus) = (attempt.Error, attempt.Status);
            switch (attempt.Fault)
            {
                case Fault.None:
                    (delivery.Status, delivery.DeliveredAt) = (DeliveryStatus.Delivered, now);
                    break;
                case Fault.Final:
                    delivery.Status = DeliveryStatus.Dead;
                    break;
                default:
                    // The last attempt is at the very end of the day, and the one that fails from then on was the last.
                    var next = now + (attempt.RetryAfter ?? Backoff.OfDelivery(delivery.Attempts, Random.Shared.NextDouble()));
                    (delivery.Status, delivery.NextAttemptAt) = now >= delivery.GiveUpAt ? (DeliveryStatus.Dead, now) : (DeliveryStatus.Pending, next < delivery.GiveUpAt ? next : delivery.GiveUpAt);
                    break;
            }

            if (delivery.Status == DeliveryStatus.Dead)
            {
                _log.LogWarning("Delivery {Delivery} on channel {Channel} was given up after {Attempts} attempts: {Error}", id, channelId, delivery.Attempts, attempt.Error);
            }
        }

        if (channel is not null)
        {
            if (attempt.Fault == Fault.None)
            {
                (channel.Failures, channel.HeldUntil, channel.LastDeliveredAt) = (0, null, now);
            }
            else
            {
                (channel.LastError, channel.LastErrorAt) = (attempt.Error, now);
                if (attempt.Fault == Fault.Channel)
                {
                    channel.Failures++;
                    channel.HeldUntil = now + (attempt.RetryAfter ?? Backoff.OfChannel(channel.Failures));
                }
            }
        }

        unit.Tell(HintKind.Notice, Hint.Sent);
    }

    private static async Task ReleaseAsync(UnitOfWork unit, string id, string channelId, string me)
    {
        await unit.Db.Channels.Where(c => c.Id == channelId && c.LeaseBy == me)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.LeaseBy, (string?)null).SetProperty(c => c.LeaseUntil, (DateTimeOffset?)null));
        await unit.Db.Deliveries.Where(d => d.Id == id && d.Status == DeliveryStatus.Pending)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.LastError, "The console ended while it was sent; it is sent again."));
    }
}
