using Bunit;
using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Pages;
using Handrail.Store;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Notify;

/// <summary>The pages of notifications, as people who may not see or do something meet them.</summary>
public abstract class NotifyPageContext : PageContext
{
    protected NotifyPageContext()
    {
        Services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider()).AddSingleton(NotifySettings.Of("https://handrail.example.com", []));
        Services.AddSingleton<Links>().AddSingleton<ChannelSecrets>().AddSingleton<NotificationChannels>().AddSingleton<NotificationRules>().AddSingleton<DeliveryQueries>().AddSingleton<ResendDeliveries>();
        Services.AddSingleton<AlertQueries>().AddSingleton<AnswerAlert>().AddTransient<NotificationsDesk>();
    }

    /// <summary>A handoff that waits, with its alert.</summary>
    protected Task WaitingAsync(string id) => Services.GetRequiredService<HandrailStore>().WriteAsync(
        unit =>
        {
            var handoff = new Handoff { Id = id, Team = "default", SessionId = "s-1", Agent = "desk<b>", Type = "expense.approve", Amount = 48.20m, Currency = "USD", ReasonsJson = "[]", OpenedAt = unit.Now };
            unit.Db.Handoffs.Add(handoff);
            Notices.Opened(unit, handoff);
            return Task.CompletedTask;
        },
        default);
}

public sealed class NotifyPagesOfAnOwnerTests : NotifyPageContext
{
    [Fact]
    public void Who_is_no_administrator_sees_neither_channels_nor_deliveries()
    {
        var notifications = Render<NotificationsPage>();
        var deliveries = Render<DeliveriesPage>();

        notifications.WaitForAssertion(() => Assert.Contains("This page is not for you", notifications.Markup, StringComparison.Ordinal));
        deliveries.WaitForAssertion(() => Assert.Contains("This page is not for you", deliveries.Markup, StringComparison.Ordinal));
        Assert.Empty(notifications.FindAll("button"));
        Assert.Empty(deliveries.FindAll("button, select"));
    }

    [Fact]
    public async Task An_alert_is_acknowledged_from_the_list_and_stays_on_it_as_seen_to()
    {
        await WaitingAsync("h-1");
        var page = Open<AlertsPage>();

        On(page, () => page.WaitForElement("button[aria-label^='Acknowledge desk']"), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("anna@example.com sees to it", page.Markup, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("button"));
        Assert.DoesNotContain("<b>", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void An_alert_that_there_is_not_says_so_and_nothing_open_says_what_would_stand_here()
    {
        var list = Render<AlertsPage>();
        var one = Render<AlertPage>(p => p.Add(a => a.Id, "al-none"));

        list.WaitForAssertion(() => Assert.Contains("Nothing wants you now", list.Markup, StringComparison.Ordinal));
        one.WaitForAssertion(() => Assert.Contains("There is no such alert", one.Markup, StringComparison.Ordinal));
    }
}

public sealed class NotifyPagesOfAViewerTests : NotifyPageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_only_looks_is_offered_nothing_to_do()
    {
        await WaitingAsync("h-1");
        var id = (await Services.GetRequiredService<AlertQueries>().ListAsync(Caller.System, null, all: true, null, 10, default)).Items[0].Id;

        var list = Render<AlertsPage>();
        var one = Render<AlertPage>(p => p.Add(a => a.Id, id));

        list.WaitForAssertion(() => Assert.Contains("waits for a person", list.Markup, StringComparison.Ordinal));
        one.WaitForAssertion(() => Assert.Contains("Open the decision", one.Markup, StringComparison.Ordinal));
        Assert.Empty(list.FindAll("button"));
        Assert.Empty(one.FindAll("button"));
    }
}

public sealed class NotifyPagesOfAnAdministratorTests : NotifyPageContext
{
    protected override string Role => Permissions.Administrator;

    [Fact]
    public void With_nothing_set_up_the_page_says_what_to_do_and_a_wrong_field_keeps_what_was_typed()
    {
        var page = Open<NotificationsPage>();
        page.WaitForAssertion(() => Assert.Contains("Nobody outside is told yet", page.Markup, StringComparison.Ordinal));
        On(page, () => page.FindAll("button").Single(b => b.TextContent == "Add a channel"), e => e.Click());
        On(page, () => page.Find("input[placeholder^='https://alerts']"), e => e.Change("nonsense"));

        On(page, () => page.Find("form"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Contains("Address must be an address that begins with https://.", page.Markup, StringComparison.Ordinal));
        Assert.Equal("nonsense", page.Find("input[placeholder^='https://alerts']").GetAttribute("value"));
        Assert.Contains("Name must have", page.Markup, StringComparison.Ordinal);
    }
}
