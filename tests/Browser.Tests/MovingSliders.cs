using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed class MovingSliders(ConsoleInBrowser house)
{
    [Fact]
    public async Task A_published_level_rules_the_agents_very_next_question()
    {
        var agent = house.Agent("to-slide");
        var before = await agent.AskAsync("to-slide-1", "a-1", 12.50m);
        Assert.Equal("review", before.GetProperty("verdict").GetString());
        await using var visit = await house.AsAdministratorAsync("autonomy");
        await visit.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Agent or action type" }).FillAsync("to-slide");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "The whole fleet" })).ToHaveCountAsync(0);

        await visit.Page.GetByRole(AriaRole.Slider, new() { Name = "Autonomy of expense.approve for to-slide" }).FillAsync("1");
        await visit.Page.GetByLabel("Why?").FillAsync("Only watch it for a week");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "to-slide" }).First).ToContainTextAsync("Version 1 by");

        var after = await agent.AskAsync("to-slide-1", "a-2", 12.50m);
        Assert.Equal("shadow", after.GetProperty("verdict").GetString());
        Assert.False(after.GetProperty("proceed").GetBoolean());
        Assert.Empty(visit.Problems);
    }
}
