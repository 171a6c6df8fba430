using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed class SettingUpNotifications(ConsoleInBrowser house)
{
    [Fact]
    public async Task A_channel_is_added_tried_and_told_by_a_rule_and_what_wants_a_person_is_acknowledged()
    {
        var agent = house.Agent("to-tell");
        using var receiver = new HttpReceiver();
        await using var visit = await house.AsAdministratorAsync("settings/notifications");
        var page = visit.Page;

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a channel" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Operations");
        await page.GetByLabel("Address").FillAsync("nonsense");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the channel" }).ClickAsync();
        await Expect(page.GetByText("Address must be an address that begins with https://.")).ToBeVisibleAsync();
        await page.GetByLabel("Address").FillAsync(receiver.Address.ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the channel" }).ClickAsync();
        await Expect(page.GetByText("whsec_")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "I have kept it" }).ClickAsync();
        await Expect(page.GetByText("whsec_")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test to Operations" }).ClickAsync();
        await Expect(page.Locator(".test")).ToContainTextAsync("Delivered");
        Assert.Equal("test", Assert.Single(receiver.All).Json.GetProperty("type").GetString());

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a rule" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("What waits");
        await page.GetByLabel("A decision waits for a person").CheckAsync();
        await page.GetByLabel("Agents, one a line").FillAsync("to-tell");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the rule" }).ClickAsync();
        await Expect(page.GetByText("A decision waits for a person, of to-tell.")).ToBeVisibleAsync();

        var asked = await agent.AskAsync("to-tell-1", "a-1", 48.20m);
        await Eventually.HoldsAsync("the handoff is told", () => receiver.All.Any(r => r.Json.GetProperty("type").GetString() == "handoff.opened"));
        var told = receiver.All.Single(r => r.Json.GetProperty("type").GetString() == "handoff.opened").Json.GetProperty("data");
        Assert.Equal(asked.GetProperty("handoff_id").GetString(), told.GetProperty("handoff_id").GetString());

        await page.GotoAsync(new Uri(told.GetProperty("links").GetProperty("alert").GetString()!).PathAndQuery);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "to-tell: expense.approve, 48.20 USD waits for a person" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge" }).ClickAsync();
        await Expect(page.GetByText("Seen to by")).ToBeVisibleAsync();
        await Eventually.HoldsAsync("that it is seen to is told as well", () => receiver.All.Any(r => r.Json.GetProperty("type").GetString() == "alert.acknowledged"));

        await page.GotoAsync("settings/deliveries?kind=handoff_opened");
        await Expect(page.Locator(".deliveries").GetByText("Delivered", new() { Exact = true }).First).ToBeVisibleAsync();
        await page.GotoAsync("settings/jobs");
        await Expect(page.GetByText("Handrail jobs").First).ToBeVisibleAsync();
        Assert.Empty(visit.Problems);
    }
}
