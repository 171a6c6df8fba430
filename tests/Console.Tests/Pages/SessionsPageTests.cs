using Bunit;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class SessionsPageTests : PageContext
{
    [Fact]
    public async Task A_session_appears_when_it_begins_and_its_figures_move_with_it()
    {
        await SaveAsync(null, Agent("desk"), Session("s1", title: "Refund for order 7"));
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Equal(["Refund for order 7"], Titles(page)));

        var second = Session("s2", title: "Another");
        second.StartedAt = Now;
        var first = Session("s1", SessionState.Waiting, title: "Refund for order 7");
        first.CostNanos = 1_250_000_000;
        await SaveAsync(new Hint(HintKind.Session, "s2"), second, first);

        page.WaitForAssertion(() => Assert.Equal(["Another", "Refund for order 7"], Titles(page)));
        Assert.Contains("1.2500 USD", page.Find(".list").TextContent);
        Assert.Contains("Waiting", page.Find(".list").TextContent);
    }

    [Fact]
    public async Task Nothing_moves_under_a_hand_and_what_is_new_is_counted_until_it_is_asked_for()
    {
        await SaveAsync(null, Agent("desk"), Session("s1", title: "First"));
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Single(Titles(page)));
        await page.InvokeAsync(() => ((SessionsPage)page.Instance).HandsOn(true));

        var newer = Session("s2", title: "Second");
        newer.StartedAt = Now;
        await SaveAsync(new Hint(HintKind.Session, "s2"), newer);

        page.WaitForAssertion(() => Assert.Equal("1 new: show", page.Find(".news button").TextContent));
        Assert.Equal(["First"], Titles(page));

        On(page, () => page.Find(".news button"), e => e.Click());

        page.WaitForAssertion(() => Assert.Equal(["Second", "First"], Titles(page)));
    }

    [Fact]
    public async Task A_session_that_leaves_the_view_under_a_hand_stays_in_place_and_says_what_it_now_is()
    {
        await SaveAsync(null, Agent("desk"), Session("s1", title: "First"));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sessions?state=running");
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Single(Titles(page)));
        await page.InvokeAsync(() => ((SessionsPage)page.Instance).HandsOn(true));

        await SaveAsync(new Hint(HintKind.Session, "s1"), Session("s1", SessionState.Completed, title: "First"));

        page.WaitForAssertion(() => Assert.Contains("Completed", page.Find("tr.left").TextContent));
    }

    [Fact]
    public async Task Sessions_that_may_be_stuck_are_found_by_that_word_among_those_that_run()
    {
        var silent = Session("s2", title: "Nobody knows");
        silent.LastActivityAt = Now - ActivityEvidence.Quiet - TimeSpan.FromMinutes(1);
        await SaveAsync(null, Agent("desk"), Session("s1", title: "At work"), silent);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sessions?state=silent");
        var page = Open<SessionsPage>();

        page.WaitForAssertion(() => Assert.Equal(["Nobody knows"], Titles(page)));
        Assert.Contains("Silent", page.Find(".list tbody").TextContent);
    }

    [Fact]
    public async Task The_address_carries_the_view()
    {
        await SaveAsync(
            null, Agent("desk"), Agent("triage"), Session("s1", title: "Alpha"), Session("s2", SessionState.Lost, title: "Beta"), Session("s3", SessionState.Lost, "triage", "Gamma"));
        var navigation = Services.GetRequiredService<NavigationManager>();
        navigation.NavigateTo("/sessions?state=lost");
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Equal(["Beta", "Gamma"], Titles(page).Order()));

        On(page, () => page.Find("input[type=search]"), e => e.Change("GAM"));

        page.WaitForAssertion(() => Assert.Equal(["Gamma"], Titles(page)));
        Assert.EndsWith("/sessions?state=lost&q=GAM", navigation.Uri);
    }

    [Fact]
    public async Task Typing_narrows_the_view_without_leaving_the_field()
    {
        await SaveAsync(null, Agent("desk"), Session("s1", title: "Alpha"), Session("s2", title: "Beta"));
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Equal(2, Titles(page).Count));

        await page.InvokeAsync(() => ((SessionsPage)page.Instance).Typed("alp"));

        page.WaitForAssertion(() => Assert.Equal(["Alpha"], Titles(page)));
    }

    [Fact]
    public async Task A_columns_head_orders_by_it_and_then_the_other_way_round()
    {
        var (cheap, dear) = (Session("s1", title: "Cheap"), Session("s2", title: "Dear"));
        (cheap.Turns, dear.Turns) = (2, 7);
        await SaveAsync(null, Agent("desk"), cheap, dear);
        var navigation = Services.GetRequiredService<NavigationManager>();
        navigation.NavigateTo("/sessions?state=running");
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Equal(2, Titles(page).Count));

        On(page, () => page.FindAll("th button").Single(b => b.TextContent == "Turns"), e => e.Click());

        page.WaitForAssertion(() => Assert.Equal(["Dear", "Cheap"], Titles(page)));
        Assert.EndsWith("/sessions?state=running&sort=turns", navigation.Uri);
        page.WaitForAssertion(() => Assert.Equal("descending", page.FindAll("th")[3].GetAttribute("aria-sort")));
        On(page, () => page.FindAll("th button").Single(b => b.TextContent.StartsWith("Turns", StringComparison.Ordinal)), e => e.Click());

        page.WaitForAssertion(() => Assert.Equal(["Cheap", "Dear"], Titles(page)));
        Assert.EndsWith("/sessions?state=running&sort=turns&order=asc", navigation.Uri);
    }

    [Fact]
    public async Task Several_sessions_are_paused_for_one_reason_and_what_could_not_be_is_named()
    {
        var held = Session("s3", SessionState.TakenOver, title: "Held");
        (held.Control, held.TakenOverBy) = (ControlState.TakenOver, "ben@example.com");
        await SaveAsync(null, Agent("desk"), Session("s1", title: "One"), Session("s2", title: "Two"), held);
        var page = Open<SessionsPage>();
        page.WaitForAssertion(() => Assert.Equal(3, Titles(page).Count));

        On(page, () => page.Find("[aria-label='Choose every session of this view']"), e => e.Change(true));
        page.WaitForAssertion(() => Assert.Contains("3 sessions chosen", page.Find(".chosen").TextContent));
        On(page, () => page.FindAll(".chosen button").Single(b => b.TextContent.Contains("Pause", StringComparison.Ordinal)), e => e.Click());
        Confirm("they loop");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody").Single().TextContent.Split("Paused").Length - 1));
        Assert.Equal(2, await ReadAsync(db => db.AuditRecords.CountAsync(r => r.Reason == "they loop")));
        Said.WaitForAssertion(() => Assert.Contains("not for 1", Said.Markup));
        page.WaitForAssertion(() => Assert.Contains("1 session chosen", page.Find(".chosen").TextContent));
    }

    [Fact]
    public async Task A_view_is_saved_under_a_name_found_again_and_removed()
    {
        await SaveAsync(null, Agent("desk"), Session("s1", SessionState.Lost));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/sessions?state=lost&min_cost=2");
        var page = Open<SessionsPage>();
        On(page, () => page.Find("[aria-label='Name of this view']"), e => e.Change("Lost and dear"));
        On(page, () => page.Find(".sheet form"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Equal("/sessions?state=lost&min_cost=2", page.Find(".sheet p a").GetAttribute("href")));
        Assert.Equal("/api/v1/export/sessions.csv?state=lost&min_cost=2", page.Find("a[download]").GetAttribute("href"));
        On(page, () => page.Find("[aria-label='Remove the view Lost and dear']"), e => e.Click());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".sheet p a")));
    }

    [Fact]
    public async Task A_runaway_floats_to_the_top_with_its_rate()
    {
        var runaway = Session("s1", title: "Two agents talking");
        await SaveAsync(null, Agent("desk"), runaway, Session("s2", title: "Calm"));
        var rates = Services.GetRequiredService<ClimbRates>();
        await rates.LookAsync(default);
        Time.Advance(TimeSpan.FromMinutes(1));
        (runaway.CostNanos, runaway.Steps, runaway.LastActivityAt) = (2_000_000_000, 60, Now);
        await SaveAsync(null, runaway);
        await rates.LookAsync(default);

        var page = Open<SessionsPage>();

        page.WaitForAssertion(() => Assert.Contains("120.00 USD/h · 60 steps/min", Assert.Single(page.FindAll(".climbs a")).TextContent));
        Assert.Contains("Two agents talking", page.Find(".climbs").TextContent);
    }

    [Fact]
    public void Without_sessions_the_page_says_how_one_appears()
    {
        var page = Open<SessionsPage>();

        page.WaitForAssertion(() => Assert.Contains("No session yet", page.Markup));
        Assert.Contains("/v1/traces", page.Find("pre").TextContent);
    }

    [Fact]
    public async Task A_title_that_hides_characters_shows_them()
    {
        await SaveAsync(null, Session("s1", title: "invoice\u202Egpj.exe"));

        var page = Open<SessionsPage>();

        page.WaitForAssertion(() => Assert.Equal("U+202E", page.Find("tbody .mark").TextContent));
    }

    private static List<string> Titles(IRenderedComponent<IComponent> page) => [.. page.FindAll("tbody td.what a").Select(a => a.TextContent.Trim())];
}
