using Bunit;
using Handrail.Access;
using Handrail.Costs;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class CostsPageTests : PageContext
{
    [Fact]
    public async Task What_was_spent_is_shown_by_agent_with_the_total_and_what_the_cache_saved()
    {
        await SpendAsync();

        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Equal("≥ 13.00 USD", Tile(page, "Spent")));
        Assert.Equal(["desk", "clerk"], Rows(page, "spend", "tbody").Select(r => r.QuerySelector("a")!.TextContent));
        Assert.Equal(["12.00 USD", "92.3 %"], Rows(page, "spend", "tbody")[0].QuerySelectorAll("td").Take(2).Select(c => c.TextContent.Trim()));
        Assert.Contains("13.00 USD", Rows(page, "spend", "tfoot")[0].TextContent, StringComparison.Ordinal);
        Assert.Equal("50 %", Tile(page, "From the cache"));
        Assert.Equal(["s1", "s2"], Rows(page, "sessions", "tbody").Select(r => r.QuerySelector("a")!.TextContent));
        Assert.Equal("/api/v1/export/costs.csv", page.Find("a[download]").GetAttribute("href"));
    }

    [Fact]
    public async Task A_line_leads_to_its_sessions_and_a_filter_is_taken_away_again()
    {
        await SpendAsync();
        var page = Open<CostsPage>();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[aria-labelledby=spend] tbody tr")));
        Assert.Equal("/costs?agent=clerk#sessions", Rows(page, "spend", "tbody")[1].QuerySelector("a")!.GetAttribute("href"));

        Go("/costs?agent=clerk&by=model");

        page.WaitForAssertion(() => Assert.Equal(["s2"], Rows(page, "sessions", "tbody").Select(r => r.QuerySelector("a")!.TextContent)));
        Assert.Equal("1.00 USD", Tile(page, "Spent"));
        Assert.Equal("/api/v1/export/costs.csv?by=model&agent=clerk", page.Find("a[download]").GetAttribute("href"));
        Assert.Equal("/costs?by=model", page.Find(".chip").GetAttribute("href"));
        Assert.Equal("agent clerk", page.Find(".chip span").TextContent);
    }

    [Fact]
    public async Task Users_and_tools_have_their_lines_and_what_has_none_is_said()
    {
        await SpendAsync();

        Go("/costs?by=user");
        var page = Open<CostsPage>();
        page.WaitForAssertion(() => Assert.Equal(2, Rows(page, "spend", "tbody").Count));
        Assert.Equal(["u-1", "No user known"], Rows(page, "spend", "tbody").Select(r => r.QuerySelector("th")!.TextContent.Trim()));

        Go("/costs?by=tool");
        page.WaitForAssertion(() => Assert.Equal(["search", "Not a tool: models, people, other"], Rows(page, "spend", "tbody").Select(r => r.QuerySelector("th")!.TextContent.Trim())));
    }

    [Fact]
    public void Nothing_spent_is_said_with_what_to_do_next()
    {
        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Contains("Nothing was spent in these days", page.Markup));
        Assert.Contains("No outcome was counted", page.Markup, StringComparison.Ordinal);
        Assert.Contains("\"units\"", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_range_is_named_and_another_one_can_be_chosen()
    {
        await SpendAsync();
        Go("/costs?from=2026-04-31");
        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Equal("from: must be a day, such as 2026-11-01.", page.Find("[role=alert]").TextContent));
        Go("/costs?range=7");
        page.WaitForAssertion(() => Assert.Equal("≥ 13.00 USD", Tile(page, "Spent")));
        Assert.Empty(page.FindAll("p[role=alert]"));
    }

    [Fact]
    public async Task What_an_agent_brings_forth_is_set_against_what_it_cost()
    {
        await SpendAsync();
        var ended = Session("s1");
        (ended.CostNanos, ended.EndedAt, ended.Outcome, ended.UnitsName, ended.UnitsCount, ended.State) = (12_000_000_000, Now.AddMinutes(-2), "completed", "article", 3, SessionState.Completed);
        await SaveAsync(null, ended);

        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Equal(["article", "3", "1", "12.00 USD", "4.00 USD", "4.00 USD", ""], Rows(page, "outcomes", "tbody")[0].QuerySelectorAll("td").Select(c => c.TextContent.Trim())));
    }

    [Fact]
    public async Task A_budget_is_set_with_a_reason_and_shown_as_spent_and_left_and_removed_again()
    {
        await SpendAsync();
        var page = Open<CostsPage>();
        page.WaitForAssertion(() => Assert.Contains("No budget is set.", page.Markup));

        On(page, () => page.Find("#budget-usd"), e => e.Input("a lot"));
        On(page, () => page.Find("[aria-labelledby=budgets] form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.StartsWith("The budget must be an amount above 0", page.Find("#budget-wrong").TextContent, StringComparison.Ordinal));
        On(page, () => page.Find("#budget-usd"), e => e.Input("15.00"));
        On(page, () => page.Find("[aria-labelledby=budgets] form"), e => e.Submit());
        Confirm("the year's plan");

        page.WaitForAssertion(() => Assert.Equal(["Month, May 2026", "15.00 USD"], Rows(page, "budgets", "tbody")[0].QuerySelectorAll("td").Take(2).Select(c => c.TextContent.Trim())));
        var cells = Rows(page, "budgets", "tbody")[0].QuerySelectorAll("td");
        Assert.StartsWith("≥ 13.00 USD 86.6 %", cells[2].TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal("2.00 USD", cells[3].TextContent);
        Assert.Contains("Nearly spent", cells[4].TextContent, StringComparison.Ordinal);
        Assert.Contains("Too little to go by: it takes 3 whole days", cells[4].TextContent, StringComparison.Ordinal);
        Assert.Equal("the year's plan", await ReadAsync(db => db.AuditRecords.Where(r => r.Act == "budget.set").Select(r => r.Reason).SingleAsync()));

        On(page, () => page.Find("[aria-label='Remove the monthly budget of the fleet']"), e => e.Click());
        Confirm("over");
        page.WaitForAssertion(() => Assert.Contains("No budget is set.", page.Markup));
    }

    [Fact]
    public async Task With_days_behind_it_a_budget_is_forecast_and_an_hour_that_stands_out_is_shown_with_its_figures()
    {
        var noon = HourlyCost.HourOf(Now);
        await SaveAsync(
            null, [.. Enumerable.Range(0, 50 * 24).Where(h => h != 24).Select(h => At(noon.AddHours(-h), 100_000_000)), At(noon.AddHours(-24), 9_000_000_000), Agent("desk")]);
        await Services.GetRequiredService<SpendBudgets>().SetAsync(Person(Permissions.Owner), "desk", SpendPeriod.Month, 50, "plan", default);

        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Single(Rows(page, "anomalies", "tbody")));
        var odd = Rows(page, "anomalies", "tbody")[0];
        Assert.Equal("Thu 30 Apr 2026 12:00", odd.QuerySelector("a")!.TextContent);
        Assert.Equal("/costs?from=2026-04-30&to=2026-04-30&agent=desk#sessions", odd.QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal(["desk", "9.00 USD", "0.1000 USD", "0.00 USD", "6"], odd.QuerySelectorAll("td").Select(c => c.TextContent.Trim()));
        var forecast = Rows(page, "budgets", "tbody")[0].QuerySelectorAll("td")[4].TextContent;
        Assert.Contains("Will not last: spent about ", forecast, StringComparison.Ordinal);
        Assert.Contains("between ", forecast, StringComparison.Ordinal);
        Assert.Contains("of the same weekday cost on average in the last 28 days", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_lines_come_a_few_at_a_time_and_the_rest_is_summed()
    {
        await SaveAsync(null, [.. Enumerable.Range(0, 45).Select(i => Hour("desk", HourlyCost.Model, $"m-{i:00}", 1_000_000_000L * (100 - i)))]);
        Go("/costs?by=model");

        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Equal(21, Rows(page, "spend", "tbody").Count));
        Assert.StartsWith("25 others", Rows(page, "spend", "tbody")[20].QuerySelector("th")!.TextContent.Trim(), StringComparison.Ordinal);
        On(page, () => page.Find(".others button"), e => e.Click());
        page.WaitForAssertion(() => Assert.Equal(41, Rows(page, "spend", "tbody").Count));
        On(page, () => page.Find(".others button"), e => e.Click());
        page.WaitForAssertion(() => Assert.Equal(45, Rows(page, "spend", "tbody").Count));
    }

    [Fact]
    public async Task More_of_the_sessions_behind_a_figure_are_shown_when_asked_for()
    {
        await SaveAsync(
            null,
            [
                .. Enumerable.Range(0, 40).SelectMany(i => new object[] { Session($"s-{i:00}"), Own($"s-{i:00}", "desk", "m", 1_000_000_000L * (100 - i)) }), Hour("desk", HourlyCost.Model, "m", 1),
            ]);

        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Equal(10, Rows(page, "sessions", "tbody").Count));
        On(page, () => page.FindAll("[aria-labelledby=sessions] button")[0], e => e.Click());
        page.WaitForAssertion(() => Assert.Equal(35, Rows(page, "sessions", "tbody").Count));
        On(page, () => page.FindAll("[aria-labelledby=sessions] button")[0], e => e.Click());
        page.WaitForAssertion(() => Assert.Equal([.. Enumerable.Range(0, 40).Select(i => $"s-{i:00}")], Rows(page, "sessions", "tbody").Select(r => r.QuerySelector("a")!.TextContent)));
        Assert.Empty(page.FindAll("[aria-labelledby=sessions] button"));
    }

    private async Task SpendAsync() => await SaveAsync(
        null, Agent("desk"), Agent("clerk"), Session("s1"), Of(Session("s2", agent: "clerk"), "u-1"),
        Hour("desk", HourlyCost.Model, "claude-3-7-sonnet", 10_000_000_000, 2_000_000, 1_000_000), Hour("desk", HourlyCost.Tool, "search", 2_000_000_000, unpriced: 1), Hour("clerk", HourlyCost.Model, "gpt-5", 1_000_000_000),
        Own("s1", "desk", "claude-3-7-sonnet", 10_000_000_000), Own("s1", "desk", "search", 2_000_000_000, HourlyCost.Tool), Own("s2", "clerk", "gpt-5", 1_000_000_000));

    private HourlyCost Hour(string agent, string kind, string source, long nanos, long input = 0, long cached = 0, int unpriced = 0) => new()
    {
        Hour = HourlyCost.HourOf(Now), Agent = agent, Kind = kind, Source = source, CostNanos = nanos, InputTokens = input, CachedTokens = cached, Calls = 1, UnpricedCalls = unpriced,
    };

    private static HourlyCost At(DateTimeOffset hour, long nanos) => new() { Hour = hour, Agent = "desk", Kind = HourlyCost.Model, Source = "m", CostNanos = nanos };

    private static Caller Person(string role) => new() { Kind = CallerKind.Person, Id = "p-2", Name = "ben@example.com", Roles = new HashSet<string> { role } };

    private SessionHour Own(string session, string agent, string source, long nanos, string kind = HourlyCost.Model) =>
        new() { SessionId = session, Hour = HourlyCost.HourOf(Now), Agent = agent, Kind = kind, Source = source, CostNanos = nanos };

    private static Session Of(Session session, string user)
    {
        session.User = user;
        return session;
    }

    private void Go(string address) => Services.GetRequiredService<NavigationManager>().NavigateTo(address);

    private static string Tile(IRenderedComponent<IComponent> page, string label) =>
        page.FindAll(".tile").Single(t => t.QuerySelector(".label")!.TextContent == label).QuerySelector(".value")!.TextContent;

    private static List<AngleSharp.Dom.IElement> Rows(IRenderedComponent<IComponent> page, string section, string part) =>
        [.. page.Find($"[aria-labelledby={section}] table.plain {part}").QuerySelectorAll("tr")];
}

public sealed class CostsPageForViewersTests : PageContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_may_only_look_sees_budgets_and_sets_none()
    {
        await SaveAsync(null, Agent("desk"), new HourlyCost { Hour = HourlyCost.HourOf(Now), Agent = "desk", Kind = HourlyCost.Model, Source = "m", CostNanos = 5_000_000_000 });
        var owner = new Caller { Kind = CallerKind.Person, Id = "p-2", Name = "ben@example.com", Roles = new HashSet<string> { Permissions.Owner } };
        await Services.GetRequiredService<SpendBudgets>().SetAsync(owner, null, SpendPeriod.Day, 4, "plan", default);

        var page = Open<CostsPage>();

        page.WaitForAssertion(() => Assert.Contains("Spent", page.Find("[aria-labelledby=budgets] tbody .badge").TextContent));
        Assert.Equal("−1.00 USD", page.FindAll("[aria-labelledby=budgets] tbody td")[3].TextContent);
        Assert.Empty(page.FindAll("[aria-labelledby=budgets] button, [aria-labelledby=budgets] form"));
    }
}

public sealed class CostsPageForNobodyTests : PageContext
{
    protected override string Role => "Nobody";

    [Fact]
    public void Whoever_may_not_look_is_told_nothing() => Assert.Throws<Refusal>(() => Open<CostsPage>());
}
