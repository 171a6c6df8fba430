using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed class StoppingAgents(ConsoleInBrowser house)
{
    [Fact]
    public async Task A_stopped_session_may_do_nothing_more()
    {
        var agent = house.Agent("to-stop");
        await agent.AskAsync("to-stop-1", "a-1", 12.50m);
        await using var visit = await house.AsAdministratorAsync("sessions/to-stop-1");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Stop this session" }).ClickAsync();
        var confirm = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Stop session" });
        await Expect(confirm).ToBeDisabledAsync();
        await visit.Page.GetByLabel("Reason").FillAsync("It repeats itself");
        await confirm.ClickAsync();

        await Expect(visit.Page.GetByText("Stop ordered.")).ToBeVisibleAsync();
        Assert.Equal("stopped", await agent.ControlAsync("to-stop-1"));
        var next = await agent.AskAsync("to-stop-1", "a-2", 1m);
        Assert.Equal("stop", next.GetProperty("verdict").GetString());
        Assert.False(next.GetProperty("proceed").GetBoolean());
        Assert.Empty(visit.Problems);
    }
}
