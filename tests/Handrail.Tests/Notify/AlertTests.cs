using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Notify;

/// <summary>What wants a person is one alert for its cause, from the moment it begins to its end.</summary>
public sealed class AlertTests
{
    [Theory, Databases]
    public async Task An_alert_that_nobody_acknowledges_goes_on_to_the_next_and_one_that_somebody_does_goes_no_further(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var first = new HttpReceiver();
        using var second = new HttpReceiver();
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Slack, first.Address));
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Slack, second.Address), new RuleTerms { AfterMinutes = 10 });

        await outbox.AskAsync(kind: HandoffKind.Breaker);
        await outbox.AskAsync(kind: HandoffKind.Breaker);
        await outbox.WorkAsync();
        Assert.Equal((2, 0), (first.All.Count, second.All.Count));
        await outbox.AcknowledgeAsync("handoff:h-1");
        outbox.Time.Advance(TimeSpan.FromMinutes(10));
        await outbox.WorkAsync();

        var told = Assert.Single(second.All);
        Assert.Contains("breaker spend tripped at cost_usd 2.14 of 2.00", told.Body, StringComparison.Ordinal);
        Assert.Contains("/sessions/s-2", told.Body, StringComparison.Ordinal);
        Assert.Equal("Somebody had acknowledged it by then.", (await outbox.DeliveriesAsync()).Single(d => d.Status == DeliveryStatus.Skipped).LastError);
    }

    [Theory, Databases]
    public async Task One_cause_is_one_alert_until_it_is_resolved(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        Task<bool> RaiseAsync() => outbox.Store.WriteAsync(unit => Notices.RaiseAsync(unit, Notices.New(NoticeKind.BreakerTripped, "breaker:spend:s-1"), default), default);

        Assert.True(await RaiseAsync());
        Assert.False(await RaiseAsync());
        await outbox.AcknowledgeAsync("breaker:spend:s-1");
        Assert.False(await RaiseAsync());
        await outbox.ResolveAsync("breaker:spend:s-1");
        Assert.True(await RaiseAsync());
        await outbox.WorkAsync();

        Assert.Equal(2, receiver.All.Count(r => r.Json.GetProperty("type").GetString() == "breaker.tripped"));
        Assert.Equal(AlertState.Open, (await outbox.AlertAsync("breaker:spend:s-1")).State);
        Assert.Equal(1, await outbox.Store.ReadAsync(db => db.Alerts.CountAsync(), default));
    }

    [Theory, Databases]
    public async Task PagerDuty_opens_acknowledges_and_resolves_one_incident_by_one_key(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = HttpReceiver.Answering(202);
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.PagerDuty, receiver.Address));

        await outbox.AskAsync(kind: HandoffKind.Breaker);
        await outbox.WorkAsync();
        await outbox.AcknowledgeAsync("handoff:h-1");
        await outbox.WorkAsync();
        await outbox.ResolveAsync("handoff:h-1");
        await outbox.WorkAsync();

        Assert.Equal(["trigger", "acknowledge", "resolve"], receiver.All.Select(r => r.Json.GetProperty("event_action").GetString()));
        Assert.Equal(["handrail:handoff:h-1"], receiver.All.Select(r => r.Json.GetProperty("dedup_key").GetString()).Distinct());
        Assert.All(receiver.All, r => Assert.Equal("routing-key-0123456789", r.Json.GetProperty("routing_key").GetString()));
        var trigger = receiver.All[0].Json;
        Assert.Equal("critical", trigger.GetProperty("payload").GetProperty("severity").GetString());
        Assert.Equal("https://handrail.example.com/sessions/s-1", trigger.GetProperty("links")[0].GetProperty("href").GetString());
    }

    [Theory, Databases]
    public async Task What_quiet_hours_held_is_told_at_their_end_if_it_is_still_open(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        await outbox.RuleAsync(
            await outbox.ChannelAsync(ChannelKind.Slack, receiver.Address), new RuleTerms { Quiet = new QuietHours { TimeZone = "UTC", From = new(11, 0), To = new(13, 0) } });

        await outbox.AskAsync();
        await outbox.AskAsync();
        await outbox.WorkAsync();
        await outbox.ResolveAsync("handoff:h-1");
        Assert.Empty(receiver.All);
        outbox.Time.Advance(TimeSpan.FromHours(1));
        await outbox.WorkAsync();

        Assert.Contains("handoff=h-2", Assert.Single(receiver.All).Body, StringComparison.Ordinal);
    }

    [Theory, Databases]
    public async Task Of_a_breakers_stop_is_told_once_with_its_trip(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address), new RuleTerms { Kinds = [NoticeKind.BreakerTripped, NoticeKind.Stopped] });

        await outbox.Store.WriteAsync(
            async unit =>
            {
                var trip = Notices.New(NoticeKind.BreakerTripped, "breaker:spend:s-1");
                trip.SessionId = "s-1";
                await Notices.RaiseAsync(unit, trip, default);
                var stop = Notices.New(NoticeKind.Stopped, "session:s-1");
                (stop.SessionId, stop.By) = ("s-1", Caller.System.Name);
                Notices.Add(unit, stop);
            },
            default);
        await outbox.WorkAsync();

        Assert.Equal("breaker.tripped", Assert.Single(receiver.All).Json.GetProperty("type").GetString());
    }

    [Theory, Databases]
    public async Task A_deadline_that_comes_near_is_told_once(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        await using var other = outbox.Beside();
        await outbox.AskAsync(within: TimeSpan.FromHours(1));
        await outbox.AskAsync(within: TimeSpan.FromMinutes(2));

        Assert.Equal(0, await outbox.Get<WatchDeadlines>().HandleAsync(default));
        outbox.Time.Advance(TimeSpan.FromMinutes(46));
        await Task.WhenAll(outbox.Get<WatchDeadlines>().HandleAsync(default), other.Get<WatchDeadlines>().HandleAsync(default));
        await outbox.Get<WatchDeadlines>().HandleAsync(default);

        var near = await outbox.Store.ReadAsync(db => db.Notices.Where(n => n.Kind == NoticeKind.DeadlineNear).ToListAsync(), default);
        Assert.Equal("handoff:h-1", Assert.Single(near).Cause);
    }
}
