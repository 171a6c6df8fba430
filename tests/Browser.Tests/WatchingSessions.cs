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
}
