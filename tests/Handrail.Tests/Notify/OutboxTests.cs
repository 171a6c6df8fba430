using Handrail.Live;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Notify;

/// <summary>What happened is told, once, to those whom the rules name; what did not happen is told to nobody.</summary>
public sealed class OutboxTests
{
    [Theory, Databases]
    public async Task What_is_not_committed_is_told_to_nobody(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));

        await Assert.ThrowsAsync<InvalidOperationException>(() => outbox.Store.WriteAsync(
            async unit =>
            {
                await Notices.RaiseAsync(unit, Notices.New(NoticeKind.BreakerTripped, "breaker:spend:s-1"), default);
                throw new InvalidOperationException("The deed fails.");
            },
            default));
        await outbox.WorkAsync();

        Assert.Empty(receiver.All);
        Assert.Equal(0, await outbox.Store.ReadAsync(db => db.Notices.CountAsync(), default));
    }

    [Theory, Databases]
    public async Task A_handoff_reaches_its_webhook_with_our_fields_and_nothing_of_what_the_agent_said(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));

        await outbox.AskAsync(within: TimeSpan.FromHours(1));
        await outbox.WorkAsync();
        await outbox.WorkAsync();

        var received = Assert.Single(receiver.All);
        var data = received.Json.GetProperty("data");
        Assert.Equal("handoff.opened", received.Json.GetProperty("type").GetString());
        Assert.Equal(("desk", "expense.approve", 48.20m), (data.GetProperty("agent").GetString(), data.GetProperty("type").GetString(), data.GetProperty("amount").GetDecimal()));
        Assert.Equal("https://handrail.example.com/inbox?handoff=h-1", data.GetProperty("links").GetProperty("open").GetString());
        Assert.DoesNotContain("Ignore all rules", received.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("own words", received.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Blue Door", received.Body, StringComparison.Ordinal);
        var delivery = Assert.Single(await outbox.DeliveriesAsync());
        Assert.Equal((DeliveryStatus.Delivered, received.Id, 1), (delivery.Status, delivery.Id, delivery.Attempts));
    }

    [Theory, Databases]
    public async Task Where_only_the_link_may_be_told_nothing_else_is(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var receiver = new HttpReceiver();
        foreach (var kind in new[] { ChannelKind.Webhook, ChannelKind.Slack, ChannelKind.PagerDuty })
        {
            await outbox.RuleAsync(await outbox.ChannelAsync(kind, receiver.Address, ChannelDetail.LinkOnly));
        }

        await outbox.AskAsync();
        await outbox.WorkAsync();

        Assert.Equal(3, receiver.All.Count);
        Assert.All(receiver.All, r =>
        {
            Assert.DoesNotContain("desk", r.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("48.2", r.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("expense.approve", r.Body, StringComparison.Ordinal);
            Assert.Contains("inbox?handoff=h-1", r.Body, StringComparison.Ordinal);
        });
    }

    [Theory, Databases]
    public async Task Two_processes_that_look_at_once_tell_once(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        await using var other = outbox.Beside();
        using var receiver = new HttpReceiver();
        await outbox.RuleAsync(await outbox.ChannelAsync(ChannelKind.Webhook, receiver.Address));
        for (var i = 0; i < 20; i++)
        {
            await outbox.AskAsync();
        }

        await Task.WhenAll(outbox.WorkAsync(), other.WorkAsync(), outbox.WorkAsync(), other.WorkAsync());
        await outbox.WorkAsync();

        Assert.Equal(20, receiver.All.Count);
        Assert.Equal(20, receiver.All.Select(r => r.Id).Distinct().Count());
    }

    [Theory, Databases]
    public async Task What_was_told_long_ago_is_cleared_away_and_what_is_open_stays(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        await outbox.AskAsync();
        await outbox.AskAsync();
        await outbox.WorkAsync();
        await outbox.ResolveAsync("handoff:h-1");
        await outbox.WorkAsync();
        outbox.Time.Advance(ClearNotices.Kept + TimeSpan.FromHours(1));

        Assert.Equal(1, await outbox.Get<ClearNotices>().HandleAsync(default));

        Assert.Equal("handoff:h-2", await outbox.Store.ReadAsync(db => db.Alerts.Select(a => a.Cause).SingleAsync(), default));
    }

    [Fact]
    public async Task A_secret_is_shown_once_and_a_kept_one_goes_to_no_new_address()
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite);
        var channels = outbox.Get<NotificationChannels>();
        var made = await channels.CreateAsync(Outbox.Admin, new ChannelDraft { Name = "W", Kind = ChannelKind.Webhook, Url = "https://example.com/hook" }, default);
        var mail = new ChannelDraft
        {
            Name = "M", Kind = ChannelKind.Email, Host = "smtp.example.com", Security = MailSecurity.StartTls, UserName = "handrail", Secret = "Mail-password-1", From = "a@example.com", To = ["b@example.com"],
        };
        var kept = await channels.CreateAsync(Outbox.Admin, mail, default);

        Assert.StartsWith("whsec_", made.Secret, StringComparison.Ordinal);
        Assert.Null(kept.Secret);
        var stored = await outbox.Store.ReadAsync(db => db.Channels.Select(c => c.Secret + c.AddressJson).ToListAsync(), default);
        var audited = await outbox.Store.ReadAsync(db => db.AuditRecords.Select(r => r.BeforeJson + r.AfterJson).ToListAsync(), default);
        var shown = JsonText.Of(await channels.ListAsync(Outbox.Admin, default));
        Assert.All([.. stored, .. audited, shown], text =>
        {
            Assert.DoesNotContain("Mail-password-1", text, StringComparison.Ordinal);
            Assert.DoesNotContain(made.Secret!, text, StringComparison.Ordinal);
        });
        var moved = await Assert.ThrowsAsync<Refusal>(() => channels.ChangeAsync(Outbox.Admin, kept.Channel.Id, mail with { Secret = null, Host = "smtp.example.net" }, null, default));
        Assert.Equal(["secret"], moved.Errors.Keys);
        Assert.Equal(2, (await channels.ChangeAsync(Outbox.Admin, kept.Channel.Id, mail with { Secret = null, Name = "Mail" }, 1, default)).Version);
        Assert.Equal(RefusalKind.Stale, (await Assert.ThrowsAsync<Refusal>(() => channels.ChangeAsync(Outbox.Admin, kept.Channel.Id, mail, 1, default))).Kind);
    }

    [Fact]
    public async Task Who_looks_at_the_outbox_hears_that_there_is_something()
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite);
        using var listener = outbox.Get<Hints>().ListenToAll(HintKind.Notice);

        await outbox.AskAsync();

        Assert.Contains(new Hint(HintKind.Notice, Hint.ToSend), (await listener.NextAsync(Eventually.Patience, TimeProvider.System, default))!);
    }
}
