using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed class WatchingSessions(ConsoleInBrowser house)
{
    [Fact]
    public async Task A_session_appears_by_itself_when_its_agent_first_asks()
    {
        var agent = house.Agent("watched");
        await using var visit = await house.AsAdministratorAsync("sessions?agent=watched");
        await Expect(visit.Page.GetByText("No session matches")).ToBeVisibleAsync();

        await agent.AskAsync("watched-1", "a-1", 12.50m);

        await Expect(visit.Page.GetByRole(AriaRole.Link, new() { Name = "watched-1" })).ToBeVisibleAsync();
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task An_open_session_takes_in_what_is_reported_while_one_looks()
    {
        var agent = house.Agent("reporting");
        await agent.ReportModelCallAsync("reporting-1", "gpt-4o-mini");
        await using var visit = await house.AsAdministratorAsync("sessions/reporting-1");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Turn 1" })).ToBeVisibleAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "Steps" })).ToContainTextAsync("gpt-4o-mini");

        await agent.ReportModelCallAsync("reporting-1", "gpt-4o-mini");

        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Turn 2" })).ToBeVisibleAsync();

        await visit.Page.GetByLabel("One change earlier").ClickAsync();
        await Expect(visit.Page.GetByText("As it stood at")).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Back to now" }).ClickAsync();
        await Expect(visit.Page.GetByText("As it stood at")).ToBeHiddenAsync();
        Assert.Empty(visit.Problems);
    }
}
