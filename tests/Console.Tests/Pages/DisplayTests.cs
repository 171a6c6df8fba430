using Bunit;
using Handrail.Access;
using Handrail.Sessions;
using Handrail.Shell;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Xunit;

namespace Handrail.Pages;

public sealed class DisplayTests : BunitContext
{
    public DisplayTests()
    {
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void Threat_01_and_02_what_an_agent_wrote_is_shown_as_text_and_never_as_markup_a_picture_or_a_link()
    {
        var quoted = Render<Quoted>(p => p.Add(q => q.Text, "<script>alert(1)</script> <img src=x onerror=alert(1)> https://evil.example [pay](javascript:pay())"));

        Assert.Empty(quoted.FindAll("script, img, a"));
        Assert.Contains("<script>alert(1)</script>", quoted.Find("blockquote").TextContent);
    }

    [Fact]
    public void Threat_03_a_hidden_character_is_seen_where_it_stands()
    {
        var quoted = Render<Quoted>(p => p.Add(q => q.Text, "approve\u202E100"));

        Assert.Equal("U+202E", quoted.Find(".mark").TextContent);
    }

    [Fact]
    public void A_long_text_is_cut_until_more_is_asked_for()
    {
        var quoted = Render<Quoted>(p => p.Add(q => q.Text, new string('a', 50_000)).Add(q => q.Limit, 100));
        Assert.Equal(100, quoted.Find("blockquote").TextContent.Length);

        quoted.Find("button").Click();

        Assert.Equal(20_100, quoted.Find("blockquote").TextContent.Length);
    }

    [Fact]
    public void A_text_is_never_cut_through_a_character()
    {
        var quoted = Render<Quoted>(p => p.Add(q => q.Text, "ab👍cd").Add(q => q.Limit, 3));

        Assert.Equal("ab👍", quoted.Find("blockquote").TextContent);
    }

    [Fact]
    public void A_time_is_relative_with_the_exact_one_on_hover()
    {
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        var time = Render<When>(p => p.Add(w => w.At, now.AddMinutes(-3)).Add(w => w.Now, now).AddCascadingValue(TimeZoneInfo.FindSystemTimeZoneById("America/New_York"))).Find("time");

        Assert.Equal("3 min ago", time.TextContent);
        Assert.Equal("2026-05-01 07:57:00 UTC-04:00", time.GetAttribute("title"));
    }

    [Fact]
    public void A_cost_with_unknown_parts_is_said_to_be_a_lower_bound() =>
        Assert.StartsWith("≥", Render<Cost>(p => p.Add(c => c.Nanos, 5_000_000).Add(c => c.Unpriced, 2)).Find("span").TextContent);

    [Fact]
    public void Every_state_of_a_session_has_a_word_and_an_icon_of_its_own()
    {
        var chips = Enum.GetValues<SessionState>().Select(state => Render<StateChip>(p => p.Add(c => c.State, state))).ToList();

        Assert.Equal(chips.Count, chips.Select(c => c.Find(".badge").TextContent.Trim()).Distinct().Count());
        Assert.All(chips, chip => Assert.NotEmpty(chip.FindAll("svg")));
    }

    [Theory]
    [InlineData(Permissions.Viewer, false)]
    [InlineData(Permissions.Administrator, true)]
    [InlineData(Permissions.Auditor, true)]
    public void Navigation_offers_the_pages_a_person_may_see(string role, bool audit)
    {
        var nav = Render<Nav>(p => p.Add(n => n.Permissions, Permissions.Of([role])));

        Assert.Contains("Fleet", nav.Markup);
        Assert.Equal(audit, nav.Markup.Contains("Audit", StringComparison.Ordinal));
    }

    [Fact]
    public void On_a_phone_what_the_bar_has_no_room_for_is_behind_its_last_entry()
    {
        var nav = Render<Nav>(p => p.Add(n => n.Permissions, Permissions.Of([Permissions.Administrator])));
        var rest = nav.FindAll("li.rest a").Select(a => a.TextContent.Trim()).ToList();
        Assert.Contains("Audit", rest);
        Assert.Equal("More", nav.Find(".more button").TextContent.Trim());

        nav.Find(".more button").Click();
        Assert.Equal(rest, nav.FindAll(".sheet a").Select(a => a.TextContent.Trim()));

        Services.GetRequiredService<NavigationManager>().NavigateTo("/audit?who=anna");
        nav.WaitForAssertion(() => Assert.Empty(nav.FindAll(".sheet")));
        Assert.Equal("Audit", nav.Find(".more button.here").TextContent.Trim());
    }
}
