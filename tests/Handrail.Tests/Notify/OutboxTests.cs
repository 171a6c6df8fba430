using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Identity;
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

    [Theory, Databases]
    public async Task Mail_goes_to_whoever_has_the_role_and_may_see_the_agent(DatabaseProvider provider)
    {
        await using var outbox = await Outbox.OpenAsync(provider);
        using var mail = new MailReceiver(refused: ["gone@example.com"]);
        await outbox.Store.WriteAsync(
            async unit =>
            {
                var hasher = new PasswordHasher<Person>();
                var cleared = People.Add(unit.Db, hasher, "cleared@example.com", new PersonChange(null, null, ["claims"], null), unit.Now);
                var other = People.Add(unit.Db, hasher, "other@example.com", new PersonChange(null, null, [], null), unit.Now);
                var viewer = People.Add(unit.Db, hasher, "viewer@example.com", new PersonChange(null, null, ["claims"], null), unit.Now);
                await unit.Db.SaveChangesAsync();
                await People.SetRolesAsync(unit.Db, cleared, [Permissions.Reviewer], default);
                await People.SetRolesAsync(unit.Db, other, [Permissions.Reviewer], default);
                await People.SetRolesAsync(unit.Db, viewer, [Permissions.Viewer], default);
                unit.Db.Agents.Add(new Agents.Agent { Name = "claims-triage", Team = "default", DataScopesJson = """["claims"]""" });
            },
            default);
        var channel = (await outbox.Get<NotificationChannels>().CreateAsync(
            Outbox.Admin,
            new ChannelDraft
            {
                Name = "Mail", Kind = ChannelKind.Email, Host = "127.0.0.1", Port = mail.Port, Security = MailSecurity.None, From = "handrail@example.com",
                To = ["gone@example.com"], ToRoles = [Permissions.Reviewer],
            },
            default)).Channel.Id;
        await outbox.RuleAsync(channel);

        await outbox.AskAsync("claims-triage");
        await outbox.WorkAsync();

        var received = Assert.Single(mail.All);
        Assert.Equal(["cleared@example.com"], received.To);
        Assert.Contains("claims-triage: expense.approve, 48.20 USD waits for a person", received.Text, StringComparison.Ordinal);
        Assert.Contains("https://handrail.example.com/inbox?handoff=h-1", received.Text.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("own words", received.Text, StringComparison.Ordinal);
        var delivery = Assert.Single(await outbox.DeliveriesAsync());
        Assert.Equal((DeliveryStatus.Delivered, "1 of 2 addresses were refused."), (delivery.Status, delivery.LastError));
    }

    [Fact]
    public async Task A_mail_server_that_is_busy_is_tried_again_and_one_that_offers_no_TLS_gets_nothing()
    {
        await using var outbox = await Outbox.OpenAsync(DatabaseProvider.Sqlite);
        var busy = true;
        using var mail = new MailReceiver(busy: () => busy);
        var draft = new ChannelDraft { Name = "Mail", Kind = ChannelKind.Email, Host = "127.0.0.1", Port = mail.Port, Security = MailSecurity.None, From = "handrail@example.com", To = ["kim@example.com"] };
        await outbox.RuleAsync((await outbox.Get<NotificationChannels>().CreateAsync(Outbox.Admin, draft, default)).Channel.Id);
        await outbox.RuleAsync((await outbox.Get<NotificationChannels>().CreateAsync(Outbox.Admin, draft with { Name = "TLS", Security = MailSecurity.StartTls }, default)).Channel.Id);
        await outbox.AskAsync();

        await outbox.WorkAsync();
        Assert.All(await outbox.DeliveriesAsync(), d => Assert.Equal(DeliveryStatus.Pending, d.Status));
        busy = false;
        outbox.Time.Advance(TimeSpan.FromMinutes(1));
        await outbox.WorkAsync();

        Assert.Single(mail.All);
        Assert.Contains("TLS", (await outbox.DeliveriesAsync()).Single(d => d.Status == DeliveryStatus.Pending).LastError!, StringComparison.Ordinal);
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
