using System.Text.RegularExpressions;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>What a newcomer does first.</summary>
public sealed partial class TryingTheDemo(ConsoleInBrowser house)
{
    [Fact]
    public async Task The_printed_link_signs_in_once_and_shows_a_fleet_at_work_with_something_to_decide()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var demo = await ConsoleProcess.StartAsync(new ConsoleSettings { Arguments = ["--demo"] });
        await Eventually.HoldsAsync("the log shows the link", () => SignInLink().IsMatch(demo.Log));
        var link = SignInLink().Match(demo.Log).Value;

        await using var visit = await house.AsStrangerAsync(link);
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Fleet" })).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Sessions" }).First.ClickAsync();
        await Expect(visit.Page.Locator("tbody tr a").First).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Inbox" }).First.ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Group, new() { Name = "Decide" })).ToBeVisibleAsync();
        Assert.Empty(visit.Problems);

        await using var second = await house.AsStrangerAsync(link);
        await Expect(second.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("used already");
    }

    [GeneratedRegex(@"http://\S+/sign-in#demo=\S+")]
    private static partial Regex SignInLink();
}
