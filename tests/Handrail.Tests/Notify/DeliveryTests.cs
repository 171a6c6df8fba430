using Handrail.Access;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Notify;

/// <summary>A message is tried until the other end has it or a day is over, and holds up no other meanwhile.</summary>
public sealed class DeliveryTests
{
    [Theory, Databases]
    public async Task What_fails_for_a_day_is_given_up_and_goes_again_under_the_same_id_when_a_person_says_so(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        var broken = true;
        using var receiver = new HttpReceiver((_, response) =>
        {
            response.StatusCode = broken ? 500 : 200;
            return Task.CompletedTask;
        });
        var channel = await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address);
        await outbox.RuleAsync(channel, new RuleTerms { Kinds = [NoticeKind.PolicyPublished] });
        await outbox.Store.WriteAsync(
            unit =>
            {
                Notices.Published(unit, "fleet", 2, "ann@example.com");
                return Task.CompletedTask;
            },
            default);

        for (var minutes = 0; minutes <= 25 * 60; minutes += 5)
        {
            await outbox.WorkAsync();
            outbox.Time.Advance(TimeSpan.FromMinutes(5));
        }

        var dead = Assert.Single(await outbox.DeliveriesAsync());
        Assert.Equal((DeliveryStatus.Dead, 500), (dead.Status, dead.LastStatus));
        Assert.InRange(dead.Attempts, 8, 20);
        Assert.True(dead.AttemptedAt - Outbox.Noon >= TimeSpan.FromHours(24));
        var reviewer = Outbox.Admin with { Roles = new HashSet<string> { Permissions.Reviewer } };
        Assert.Equal(RefusalKind.NotAllowed, (await Assert.ThrowsAsync<Refusal>(() => outbox.Get<ResendDeliveries>().OneAsync(reviewer, dead.Id, default))).Kind);

        broken = false;
        await outbox.Get<ResendDeliveries>().OneAsync(Outbox.Admin, dead.Id, default);
        await outbox.WorkAsync();

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await outbox.DeliveriesAsync()).Status);
        Assert.Equal([dead.Id], receiver.All.Select(r => r.Id).Distinct());
        Assert.Equal(RefusalKind.Conflict, (await Assert.ThrowsAsync<Refusal>(() => outbox.Get<ResendDeliveries>().OneAsync(Outbox.Admin, dead.Id, default))).Kind);
        Assert.Equal("delivery.resend", await outbox.Store.ReadAsync(db => db.AuditRecords.OrderByDescending(r => r.Seq).Select(r => r.Act).FirstAsync(), default));
    }

    [Theory, Databases]
    public async Task While_the_other_end_is_away_one_is_tried_now_and_then_and_all_arrive_in_order_once_it_is_back(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        var away = true;
        using var receiver = new HttpReceiver((_, response) =>
        {
            response.StatusCode = away ? 503 : 200;
            return Task.CompletedTask;
        });
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        for (var i = 0; i < 10; i++)
        {
            await outbox.AskAsync();
            outbox.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        for (var i = 0; i < 60; i++)
        {
            await outbox.WorkAsync();
            outbox.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(receiver.All.Count, 10, 25);
        away = false;
        var tried = receiver.All.Count;
        outbox.Time.Advance(TimeSpan.FromHours(5));
        await outbox.WorkAsync();

        Assert.Equal(10, receiver.All.Skip(tried).Select(r => r.Id).Distinct().Count());
        Assert.All(await outbox.DeliveriesAsync(), d => Assert.Equal(DeliveryStatus.Delivered, d.Status));
    }

    [Theory]
    [InlineData(410, DeliveryStatus.Dead, "410")]
    [InlineData(302, DeliveryStatus.Pending, "redirects are not followed")]
    [InlineData(400, DeliveryStatus.Pending, "400")]
    public async Task What_the_other_end_answers_is_taken_for_what_it_is(int status, DeliveryStatus expected, string error)
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite);
        using var trap = new HttpReceiver();
        using var receiver = HttpReceiver.Answering(status, "Location", trap.Address.ToString());
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        await outbox.AskAsync();

        await outbox.WorkAsync();

        var delivery = Assert.Single(await outbox.DeliveriesAsync());
        Assert.Equal(expected, delivery.Status);
        Assert.Contains(error, delivery.LastError!, StringComparison.Ordinal);
        Assert.Empty(trap.All);
    }

    [Fact]
    public async Task A_message_that_the_other_end_refuses_holds_up_no_other()
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite);
        using var receiver = new HttpReceiver((received, response) =>
        {
            response.StatusCode = received.Body.Contains("\"h-1\"", StringComparison.Ordinal) ? 400 : 200;
            return Task.CompletedTask;
        });
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        await outbox.AskAsync();
        await outbox.AskAsync();
        await outbox.AskAsync();

        await outbox.WorkAsync();

        Assert.Equal(2, (await outbox.DeliveriesAsync()).Count(d => d.Status == DeliveryStatus.Delivered));
    }

    [Fact]
    public async Task One_that_asks_to_be_left_alone_for_a_while_is()
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite);
        using var receiver = HttpReceiver.Answering(429, "Retry-After", "120");
        var channel = await outbox.ChannelAsync(ChannelKind.Slack, receiver.Address);
        await outbox.RuleAsync(channel);
        await outbox.AskAsync();

        await outbox.WorkAsync();
        outbox.Time.Advance(TimeSpan.FromSeconds(119));
        await outbox.WorkAsync();
        Assert.Single(receiver.All);
        outbox.Time.Advance(TimeSpan.FromSeconds(2));
        await outbox.WorkAsync();

        Assert.Equal(2, receiver.All.Count);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_given_up_after_a_while_and_tried_again()
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite, TimeProvider.System, TimeSpan.FromMilliseconds(300));
        var end = new TaskCompletionSource();
        using var receiver = new HttpReceiver((_, _) => end.Task);
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        await outbox.AskAsync();

        await outbox.WorkAsync();
        end.SetResult();

        var delivery = Assert.Single(await outbox.DeliveriesAsync());
        Assert.Equal((DeliveryStatus.Pending, 1), (delivery.Status, delivery.Attempts));
        Assert.Contains("no answer", delivery.LastError!, StringComparison.Ordinal);
    }

    [Theory, Databases]
    public async Task What_a_process_had_in_hand_when_it_died_goes_again_under_its_id_once_it_is_taken_to_be_gone(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        var channel = await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address);
        await outbox.RuleAsync(channel);
        await outbox.AskAsync();
        await outbox.Get<RouteNotices>().HandleAsync(default);
        await outbox.Store.WriteAsync(
            unit => unit.Db.Channels.ExecuteUpdateAsync(set => set.SetProperty(c => c.LeaseBy, "gone").SetProperty(c => c.LeaseUntil, unit.Now + SendDeliveries.Lease)), default);

        await outbox.WorkAsync();
        await outbox.Get<SendDeliveries>().HandleAsync(channel, default);
        Assert.Empty(receiver.All);
        outbox.Time.Advance(SendDeliveries.Lease);
        await outbox.WorkAsync();

        Assert.Single(receiver.All);
    }
}
