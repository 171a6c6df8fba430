using Bunit;
using Handrail.Access;
using Handrail.Costs;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Pages;

public sealed class FleetPageTests : PageContext
{
    [Fact]
    public async Task A_console_that_nothing_was_sent_to_says_how_to_send_the_first_trace_and_turns_into_the_fleet_by_itself()
    {
        var page = Open<FleetPage>();
        page.WaitForAssertion(() => Assert.Contains("Send the first trace", page.Markup));
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost", page.Markup, StringComparison.Ordinal);

        await SaveAsync(new Hint(HintKind.Session, "s1"), Agent("desk"), Session("s1"));

        page.WaitForAssertion(() => Assert.Equal("Fleet", page.Find("h1").TextContent));
        Assert.Contains("desk", page.Find("article h2").TextContent);
    }

    [Fact]
    public async Task The_figures_say_what_runs_waits_and_costs()
    {
        await SaveAsync(
            null, Agent("desk"), Session("s1"), Session("s2"), Session("s3", SessionState.Waiting), Session("s4", SessionState.Lost),
            new HourlyCost { Hour = Now.AddMinutes(-30), Agent = "desk", Kind = HourlyCost.Model, Source = "m", CostNanos = 3_000_000_000 },
            new HourlyCost { Hour = Now.AddMinutes(-90), Agent = "desk", Kind = HourlyCost.Model, Source = "m", CostNanos = 4_000_000_000 },
            new Handoff { Id = "h1", Team = "default", SessionId = "s3", Agent = "desk", ReasonsJson = "[]", OpenedAt = Now.AddMinutes(-25) });

        var page = Open<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal("2", Tile(page, "Running")));
        Assert.Equal("1", Tile(page, "Waiting for people"));
        Assert.Equal("1", Tile(page, "Lost"));
        Assert.Equal("25 min", Tile(page, "Oldest handoff"));
        Assert.Equal("5.00 USD", Tile(page, "Burn per hour"));
        Assert.Equal("7.00 USD", Tile(page, "Today"));
        Assert.Contains("Suggest", page.Find("article").TextContent);
    }

    [Fact]
    public async Task Stopping_the_fleet_asks_for_a_reason_and_then_says_on_the_page_who_stopped_it_and_why()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));
        var page = Open<FleetPage>();

        On(page, () => page.Find("[aria-label='Stop fleet']"), e => e.Click());
        Confirm("refunds go to the wrong people");

        page.WaitForAssertion(() => Assert.Contains("The fleet is stopped.", page.Markup));
        Assert.Contains("anna@example.com", page.Find(".held").TextContent);
        Assert.Contains("refunds go to the wrong people", page.Find(".held").TextContent);
        Assert.Equal(ControlState.Stopped, await ReadAsync(db => db.Sessions.Where(s => s.Id == "s1").Select(s => s.Control).SingleAsync()));
        Assert.Contains(page.FindAll("button"), b => b.TextContent.Trim() == "Resume fleet");
    }

    [Fact]
    public async Task A_tool_is_switched_off_from_the_page_which_then_says_by_whom_and_why_and_switches_it_on_again()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"), new SessionTool { SessionId = "s1", Tool = "send_mail", FirstUsedAt = Now });
        var page = Open<FleetPage>();

        On(page, () => page.FindAll("button").Single(b => b.TextContent.Trim() == "Switch off a tool…"), e => e.Click());
        Dialogs.WaitForAssertion(() => Assert.Contains(Dialogs.FindAll("datalist option"), o => o.GetAttribute("value") == "send_mail"));
        On(Dialogs, () => Dialogs.Find("#switch-off-name"), e => e.Input("send_mail"));
        Confirm("phishing");

        page.WaitForAssertion(() => Assert.Contains("Tool send_mail is switched off.", page.Find(".held").TextContent));
        Assert.Contains("anna@example.com", page.Find(".held").TextContent);
        Assert.Contains("phishing", page.Find(".held").TextContent);
        Assert.Equal("tool", await ReadAsync(db => db.Disabled.Select(d => d.What).SingleAsync()));

        On(page, () => page.Find("[aria-label='Switch on tool send_mail']"), e => e.Click());
        Confirm("over");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".held")));
        Assert.Empty(await ReadAsync(db => db.Disabled.ToListAsync()));
    }

    [Fact]
    public async Task Thinking_better_of_it_stops_nothing()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));
        var page = Open<FleetPage>();

        On(page, () => page.Find("[aria-label='Stop agent desk']"), e => e.Click());
        On(Dialogs, () => Dialogs.Find(".mud-dialog-actions button"), e => e.Click());

        Dialogs.WaitForAssertion(() => Assert.Empty(Dialogs.FindAll(".mud-dialog")));
        Assert.False(await ReadAsync(db => db.ScopeControls.AnyAsync(c => c.State != ControlState.Running)));
    }

    [Fact]
    public async Task An_agent_paused_by_somebody_else_shows_without_a_reload()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));
        var page = Open<FleetPage>();
        page.WaitForElement("article");

        await SaveAsync(
            new Hint(HintKind.Control, "agent:desk"),
            new ScopeControl { Scope = "agent:desk", State = ControlState.Paused, By = "ben@example.com", Reason = "looking into it", Since = Now, Seq = 1 });

        page.WaitForAssertion(() => Assert.Contains("Agent desk is paused.", page.Markup));
    }

    private static string Tile(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> page, string label) =>
        page.FindAll(".tile").Single(t => t.QuerySelector(".label")!.TextContent == label).QuerySelector(".value")!.TextContent;
}

public sealed class FleetPageForViewersTests : PageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_may_only_look_gets_no_brake()
    {
        await SaveAsync(null, Agent("desk"), Session("s1"));

        var page = Open<FleetPage>();

        page.WaitForElement("article");
        Assert.Empty(page.FindAll("button"));
    }
}
