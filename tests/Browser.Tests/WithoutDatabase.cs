using Handrail.Store;
using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>On call at night, and the database is gone.</summary>
public sealed class WithoutDatabase(ConsoleInBrowser house)
{
    [Fact]
    public async Task The_fleet_is_stopped_from_an_open_page_and_from_one_that_is_opened_then()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null || Chromium.Missing is not null, PrivatePostgres.Missing ?? Chromium.Missing ?? "");
        var cluster = await PrivatePostgres.StartAsync(durable: true);
        await using (var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = await cluster.CreateDatabaseAsync() }))
        {
            using var http = console.AsAgent();
            var agent = new TestAgent(http, "night");
            await agent.AskAsync("night-1", "a-1", 5m);
            await using var visit = await house.AsAdministratorOfAsync(console);
            await visit.Page.GotoAsync("sessions/night-1");
            await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Stop this session" })).ToBeVisibleAsync();

            await cluster.PauseAsync(immediately: true);
            await Expect(visit.Page.GetByText("The database can't be read since")).ToBeVisibleAsync();
            await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Stop this session" })).ToBeVisibleAsync();
            await StopFleetAsync(visit.Page);
            Assert.Equal("stop", (await agent.AskAsync("night-1", "a-2", 1m)).GetProperty("verdict").GetString());

            await visit.Page.ReloadAsync();
            await Expect(visit.Page.GetByText("The fleet is held stopped by this console.")).ToBeVisibleAsync();

            await cluster.ContinueAsync();
            await Expect(visit.Page.GetByText("The fleet is held stopped by this console.")).ToBeHiddenAsync();
            await Expect(visit.Page.GetByText("The database can't be read since")).ToBeHiddenAsync();
            await visit.Page.GotoAsync("");
            await Expect(visit.Page.GetByText("The fleet is stopped.")).ToBeVisibleAsync();
            Assert.Equal("stop", (await agent.AskAsync("night-1", "a-3", 1m)).GetProperty("verdict").GetString());
        }

        await cluster.StopAsync();
    }

    private static async Task StopFleetAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop fleet" }).ClickAsync();
        await page.GetByLabel("Reason").FillAsync("It runs away");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop the fleet", Exact = true }).ClickAsync();
        await Expect(page.GetByText("This console holds the order")).ToBeVisibleAsync();
    }
}
