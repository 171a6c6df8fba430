using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed class EditingRules(ConsoleInBrowser house)
{
    [Fact]
    public async Task A_rule_built_from_fields_and_tried_on_a_past_action_refuses_the_next_one_once_it_is_published()
    {
        var agent = house.Agent("to-rule");
        Assert.Equal("review", (await agent.AskAsync("to-rule-1", "a-1", 12.50m)).GetProperty("verdict").GetString());
        await using var visit = await house.AsAdministratorAsync("rules?layer=agent:to-rule&part=rules");
        var page = visit.Page;

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a rule" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("No cafes");
        await page.GetByLabel("Then", new() { Exact = true }).SelectOptionAsync("deny");
        await page.GetByLabel("What is looked at").SelectOptionAsync("vendor");
        await page.GetByLabel("How it is compared").SelectOptionAsync("contains");
        await page.GetByLabel("Compared with").FillAsync("cafe");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "No cafes" }).First).ToContainTextAsync("Deny any action whose vendor contains cafe");

        await page.GetByRole(AriaRole.Link, new() { Name = "Try it" }).ClickAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Past actions" }).GetByRole(AriaRole.Button, new() { NameRegex = new("Blue Door") }).First.ClickAsync();
        var result = page.GetByRole(AriaRole.Region, new() { Name = "What would become of it" });
        await Expect(result).ToContainTextAsync("It is refused.");
        await Expect(result).ToContainTextAsync("rule:rule-1");

        await page.GetByLabel("Why?").FillAsync("Too many coffees");
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        await Expect(page.GetByText("Version 1 by")).ToBeVisibleAsync();

        Assert.Equal("deny", (await agent.AskAsync("to-rule-1", "a-2", 12.50m)).GetProperty("verdict").GetString());
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task On_a_telephone_the_chosen_part_stands_in_sight_in_the_row_of_parts()
    {
        await using var visit = await house.AsAdministratorAsync("rules?part=file", new() { ViewportSize = new() { Width = 390, Height = 844 } });
        var parts = visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Parts of the policy" });

        await Expect(parts.GetByRole(AriaRole.Link, new() { Name = "Import and export" })).ToBeInViewportAsync(new() { Ratio = 0.95f });
        await parts.GetByRole(AriaRole.Link, new() { Name = "Try it" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "Try it" })).ToBeVisibleAsync();
        await Expect(parts.GetByRole(AriaRole.Link, new() { Name = "Try it" })).ToBeInViewportAsync(new() { Ratio = 0.95f });

        await visit.Page.GotoAsync("rules?part=limits");
        await Expect(parts.GetByRole(AriaRole.Link, new() { Name = "Limits" })).ToBeInViewportAsync(new() { Ratio = 0.95f });
        Assert.Empty(visit.Problems);
    }
}
