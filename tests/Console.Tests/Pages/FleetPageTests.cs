using AngleSharp.Dom;
using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Costs;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task What_was_spent_today_stands_against_the_days_budget()
    {
        await SaveAsync(null, Agent("desk"), new HourlyCost { Hour = Now.AddMinutes(-30), Agent = "desk", Kind = HourlyCost.Model, Source = "m", CostNanos = 9_000_000_000 });
        await Services.GetRequiredService<SpendBudgets>().SetAsync(Caller.System, null, SpendPeriod.Day, 10, "a start", default);

        var page = Open<FleetPage>();

        page.WaitForAssertion(() => Assert.Contains("of 10.00 USD budgeted a day", page.Find("a.tile[href='/costs']").TextContent));
        Assert.Contains("warning", page.Find("a.tile[href='/costs']").ClassName);
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

    [Fact]
    public async Task What_runs_is_told_apart_by_what_it_is_at_and_the_burn_stands_against_the_fleet_s_breaker()
    {
        var (silent, called, claimed) = (Session("s2"), Session("s3"), Session("s4", SessionState.TakenOver));
        (silent.LastActivityAt, called.LastActivityAt, called.Pending) = (Now.AddMinutes(-3), Now.AddMinutes(-3), SessionPending.Tool);
        await SaveAsync(null, [Agent("desk"), Session("s1"), silent, called, claimed, Cost(Now.AddMinutes(-30), 45_000_000_000, calls: 40, errors: 3), .. Latencies(100, 20, 2_000)]);

        var page = Open<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal("3", Tile(page, "Running")));
        Assert.Equal("1 working, 1 in a call, 1 silent", Note(page, "Running"));
        Assert.Equal("+1 taken over", Note(page, "Paused"));
        Assert.Equal("45.00 USD", Tile(page, "Burn per hour"));
        Assert.Contains("breaker at 50.00 USD/h", Note(page, "Burn per hour"), StringComparison.Ordinal);
        Assert.Equal("90 % of the limit", page.Find(".limit").GetAttribute("aria-label"));
        Assert.Contains("warning", page.Find(".limit").ClassList);
        var card = page.Find("article");
        Assert.Contains("(1 silent)", card.TextContent);
        Assert.Contains("7.5 %", card.TextContent);
        Assert.Equal(["99 ms", "1.8 s"], Figures(card, "P50", "P95"));
        Assert.NotNull(card.QuerySelector(".bars"));
    }

    [Fact]
    public async Task The_autonomy_rate_is_the_share_of_what_went_without_a_person_in_the_last_day()
    {
        await SaveAsync(
            null, Agent("desk"), Session("s1"), Asked("a", Verdict.Allow), Asked("b", Verdict.Allow), Asked("c", Verdict.Allow), Asked("d", Verdict.Review), Asked("e", Verdict.Deny), Asked("f", Verdict.Shadow),
            Asked("old", Verdict.Review, daysAgo: 2));

        var page = Open<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal("75 %", Tile(page, "Autonomy")));
        Assert.Equal("3 of 4 went without a person, 24 h", Note(page, "Autonomy"));
    }

    [Fact]
    public async Task On_the_wall_are_large_figures_and_nothing_to_press()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?wall=1");
        await SaveAsync(
            null, Agent("desk"), Session("s1"), Session("s3", SessionState.Waiting),
            new Handoff { Id = "h1", Team = "default", SessionId = "s3", Agent = "desk", ReasonsJson = "[]", OpenedAt = Now.AddMinutes(-25) });

        var page = Open<FleetPage>();

        page.WaitForAssertion(() => Assert.Equal("One handoff waits", page.Find("h1").TextContent.Trim()));
        Assert.Equal("As of 12:30:00", page.Find(".clock").TextContent.Trim());
        Assert.Contains("oldest 25 min", page.Find(".figures").TextContent);
        Assert.Empty(page.FindAll("a, button, input, select, [tabindex]:not(h1)"));
        Assert.Empty(page.FindAll(".stale"));
    }

    [Fact]
    public async Task The_wall_says_first_what_is_gravest_and_by_whom_the_fleet_is_held()
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?wall=1");
        await SaveAsync(null, Agent("desk"), Session("s1"));
        var page = Open<FleetPage>();
        page.WaitForAssertion(() => Assert.Equal("All is well", page.Find("h1").TextContent.Trim()));

        var fleet = await ReadAsync(db => db.ScopeControls.SingleAsync(c => c.Scope == "fleet"));
        (fleet.State, fleet.By, fleet.Reason, fleet.Since, fleet.Seq) = (ControlState.Stopped, "ben@example.com", "refunds go astray", Now.AddMinutes(-4), 1);
        await SaveAsync(new Hint(HintKind.Control, "fleet"), fleet);

        page.WaitForAssertion(() => Assert.Equal("The fleet is stopped", page.Find("h1").TextContent.Trim()));
        Assert.Equal("The fleet is stopped by ben@example.com for 4 min: refunds go astray", string.Join(' ', page.Find(".order").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Figures_that_are_old_are_said_to_be()
    {
        var fleet = new FleetReading
        {
            At = Now.AddSeconds(-40), Sessions = new Dictionary<SessionState, int>(), Activities = new Dictionary<SessionActivity, int>(), BurnNanos = 0, HourlyLimitUsd = null, TodayNanos = 0, Hours = new long[24],
            Rate = new AutonomyRate(0, 0), OpenHandoffs = 0, OpenSamples = 0, OldestHandoffAt = null, Agents = [], Held = null, SwitchedOff = [], NotObeyed = [], Trips = [], Tripped = 0, Untouched = false,
        };

        var old = Render<FleetWall>(p => p.Add(w => w.Fleet, fleet).Add(w => w.Now, Now));
        Assert.Contains("These figures are 40 s old. Nothing newer has come.", old.Find("[role=alert]").TextContent);
        Assert.Contains("old", old.Find(".wall").ClassList);

        var failed = Render<FleetWall>(p => p.Add(w => w.Fleet, fleet with { At = Now }).Add(w => w.Now, Now.AddSeconds(5)).Add(w => w.Failed, true));
        Assert.Contains("The database does not answer; trying again.", failed.Find("[role=alert]").TextContent);
        Assert.Contains("The database does not answer", Render<FleetWall>(p => p.Add(w => w.Fleet, null).Add(w => w.Now, Now).Add(w => w.Failed, true)).Markup);
    }

    private static string Tile(IRenderedComponent<IComponent> page, string label) => At(page, label, ".value");

    private static string Note(IRenderedComponent<IComponent> page, string label) => At(page, label, ".note").Trim();

    private static string At(IRenderedComponent<IComponent> page, string label, string part) =>
        page.FindAll(".tile").Single(t => t.QuerySelector(".label")!.TextContent == label).QuerySelector(part)!.TextContent;

    private static List<string> Figures(IElement card, params string[] labels) =>
        [.. labels.Select(l => card.QuerySelectorAll("dl > div").Single(d => d.QuerySelector("dt")!.TextContent == l).QuerySelector("dd")!.TextContent)];

    private static HourlyCost Cost(DateTimeOffset hour, long nanos, int calls, int errors) =>
        new() { Hour = hour, Agent = "desk", Kind = HourlyCost.Model, Source = "m", CostNanos = nanos, Calls = calls, Errors = errors };

    /// <summary>Of twenty model calls most took so many milliseconds, two the other.</summary>
    private IEnumerable<CallLatency> Latencies(int most, int calls, int few)
    {
        CallLatency Of(int milliseconds, int count) => new()
        {
            Hour = Now.AddMinutes(-Now.Minute), Agent = "desk", Kind = HourlyCost.Model, Bucket = CallLatency.BucketOf(TimeSpan.FromMilliseconds(milliseconds)), Calls = count,
        };
        return [Of(most, calls - 2), Of(few, 2)];
    }

    private GatedAction Asked(string id, Verdict verdict, int daysAgo = 0) => new()
    {
        SessionId = "s1", ActionId = id, Digest = "", Team = "default", Agent = "desk", Type = "mail.send", Risk = "external", Verdict = verdict, Status = ActionStatus.Denied, ReasonsJson = "[]",
        PolicyVersion = "1.0", FactsJson = "{}", RequestedAt = Now.AddDays(-daysAgo).AddMinutes(-5),
    };
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

public sealed class FleetPageForStrangersTests : PageContext
{
    protected override string Role => "Nobody";

    [Theory]
    [InlineData("/")]
    [InlineData("/?wall=1")]
    public async Task Who_may_not_look_sees_nothing(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        await SaveAsync(null, Agent("desk"), Session("s1"));

        var refusal = Assert.Throws<Refusal>(() => Open<FleetPage>());

        Assert.Equal(RefusalKind.NotAllowed, refusal.Kind);
        await Assert.ThrowsAsync<Refusal>(() => Services.GetRequiredService<FleetBoard>().ReadAsync(Caller.System with { Kind = CallerKind.AgentKey, Roles = new HashSet<string>() }, Now, default));
    }
}
