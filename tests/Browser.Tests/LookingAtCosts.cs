using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

/// <summary>A product owner finds out what was spent and on what, and sets a budget.</summary>
public sealed class LookingAtCosts(ConsoleInBrowser house)
{
    [Fact]
    public async Task From_the_total_to_the_session_behind_it_and_a_budget_that_is_nearly_spent()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        await using var console = await ConsoleProcess.StartAsync();
        using var agent = console.AsAgent();
        using var sent = await agent.PostAsync(
            "api/v1/costs",
            new StringContent(
                """
                {"events":[
                  {"id":"c-1","session_id":"dear one","agent":"desk","kind":"tool","name":"geocoder","amount":8.5,"currency":"USD"},
                  {"id":"c-2","session_id":"cheap one","agent":"clerk","kind":"tool","name":"search","amount":0.25,"currency":"USD"}]}
                """,
                System.Text.Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken);
        sent.EnsureSuccessStatusCode();
        await using var visit = await house.AsAdministratorOfAsync(console);
        var page = visit.Page;

        await page.GotoAsync("costs");
        await Expect(page.Locator(".tile").First).ToContainTextAsync("8.75 USD");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Break down by" }).GetByRole(AriaRole.Link, new() { Name = "Tool" }).ClickAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Spend by tool" }).GetByRole(AriaRole.Link, new() { Name = "geocoder" }).ClickAsync();

        var sessions = page.GetByRole(AriaRole.Region, new() { Name = "Sessions behind these figures" });
        await Expect(sessions.Locator("tbody tr")).ToHaveCountAsync(1);
        await Expect(sessions.GetByRole(AriaRole.Link, new() { Name = "dear one" })).ToHaveAttributeAsync("href", "/sessions/dear%20one");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("by=tool&tool=geocoder"));
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download as CSV" }).ClickAsync());
        Assert.Contains(",geocoder,8.5,", await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var budgets = page.GetByRole(AriaRole.Region, new() { Name = "Budgets" });
        await budgets.GetByLabel("US dollars").FillAsync("10");
        await budgets.GetByRole(AriaRole.Button, new() { Name = "Set…" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox, new() { Name = "Reason" }).FillAsync("the year's plan");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set the budget" }).ClickAsync();
        await Expect(budgets.GetByRole(AriaRole.Row, new() { Name = "Fleet" })).ToContainTextAsync("Nearly spent");
        Assert.Empty(visit.Problems);
    }
}
