using Handrail.Access;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Notify;

/// <summary>Mail goes to people by their roles, and to no server that would carry it in the open.</summary>
public sealed class MailTests
{
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

        // The agent that asks uses no data; another that worked in the session does.
        await outbox.Store.WriteAsync(
            unit =>
            {
                unit.Db.SessionAgents.Add(new Sessions.SessionAgent { SessionId = "s-2", Agent = "claims-triage" });
                return Task.CompletedTask;
            },
            default);
        Assert.Equal("s-2", (await outbox.AskAsync("desk")).SessionId);
        await outbox.WorkAsync();
        Assert.Equal(["cleared@example.com"], mail.All[^1].To);
        Assert.Contains("desk: expense.approve", mail.All[^1].Text, StringComparison.Ordinal);
        await outbox.AskAsync("desk");
        await outbox.WorkAsync();
        Assert.Equal(["cleared@example.com", "other@example.com"], mail.All[^1].To);
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
}
