using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>The display on the wall: read from five metres, touched by nobody, and never old without saying so.</summary>
public sealed class WatchingTheWall(ConsoleInBrowser house)
{
    /// <summary>What stands on the page in letters too small for the room, as a share of the screen's height.</summary>
    private const string TooSmall = """
        () => [...document.querySelectorAll('main *')]
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
          .filter(e => parseFloat(getComputedStyle(e).fontSize) < innerHeight / 50)
          .map(e => `${e.tagName} ${getComputedStyle(e).fontSize} ${e.textContent.trim()}`)
        """;

    [Fact]
    public async Task The_wall_fills_the_screen_with_large_figures_moves_by_itself_and_comes_back_after_the_console_was_gone()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var console = await ConsoleProcess.StartAsync();
        var agent = new TestAgent(console.AsAgent(), "wall-agent");
        await agent.ReportModelCallAsync("wall-1", "gpt-4o-mini");
        await using var visit = await house.AsAdministratorOfAsync(console);
        var page = visit.Page;
        await page.SetViewportSizeAsync(1920, 1080);
        await page.GotoAsync("?wall=1");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("All is well");

        await Expect(page.GetByRole(AriaRole.Navigation)).ToHaveCountAsync(0);
        await Expect(page.Locator("main a, main button, main input")).ToHaveCountAsync(0);
        Assert.Empty(await page.EvaluateAsync<string[]>(TooSmall));
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"), "It does not fit the screen.");

        await agent.AskAsync("wall-2", "a-1", 900m);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("One handoff waits");

        await console.KillAsync();
        await Expect(page.GetByText("no longer current")).ToBeVisibleAsync();
        await console.StartAgainAsync();
        await agent.AskAsync("wall-3", "a-1", 900m);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("2 handoffs wait");
        await Expect(page.GetByText("no longer current")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Whoever_has_not_signed_in_sees_no_wall()
    {
        await using var visit = await house.AsStrangerAsync("?wall=1");

        await Expect(visit.Page.GetByLabel("Password")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".wall")).ToHaveCountAsync(0);
    }
}
