using Handrail.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Handrail.Browser;

public sealed class DecidingHandoffs(ConsoleInBrowser house)
{
    [Fact]
    public async Task An_approval_reaches_the_agent_that_waits_for_it()
    {
        var agent = house.Agent("to-approve");
        await using var visit = await house.AsAdministratorAsync("inbox?agent=to-approve");
        await Expect(visit.Page.GetByText("Nothing open matches")).ToBeVisibleAsync();

        var asked = await agent.AskAsync("to-approve-1", "a-1", 48.20m);
        Assert.Equal("pending", asked.GetProperty("status").GetString());
        var decided = agent.DecisionAsync("to-approve-1", "a-1");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "expense.approve" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "to-approve asks to do expense.approve" })).ToContainTextAsync("48.20");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();

        var answer = await decided;
        Assert.Equal("approved", answer.GetProperty("status").GetString());
        Assert.True(answer.GetProperty("proceed").GetBoolean());
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task A_rejection_needs_a_reason_and_the_agent_is_told_it()
    {
        var agent = house.Agent("to-reject");
        var asked = await agent.AskAsync("to-reject-1", "a-1", 480m);
        await using var visit = await house.AsAdministratorAsync($"inbox?handoff={asked.GetProperty("handoff_id").GetString()}");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Reject…" }).ClickAsync();
        var reject = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Reject", Exact = true });
        await Expect(reject).ToBeDisabledAsync();
        await visit.Page.GetByLabel("Why is it rejected?").FillAsync("There is no receipt");
        await reject.ClickAsync();

        var answer = await agent.DecisionAsync("to-reject-1", "a-1");
        Assert.Equal("rejected", answer.GetProperty("status").GetString());
        Assert.False(answer.GetProperty("proceed").GetBoolean());
        Assert.Equal("There is no receipt", answer.GetProperty("note").GetString());
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task What_is_undone_within_five_seconds_was_never_sent()
    {
        var agent = house.Agent("to-undo");
        var asked = await agent.AskAsync("to-undo-1", "a-1", 61m);
        await using var visit = await house.AsAdministratorAsync($"inbox?agent=to-undo&handoff={asked.GetProperty("handoff_id").GetString()}");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true })).ToBeEnabledAsync();

        // The first key may be earlier than the script that listens to it.
        await Eventually.HoldsAsync("the approval is about to be sent", async () =>
        {
            await visit.Page.Keyboard.PressAsync("a");
            return (await visit.Page.Locator(".held-bar").InnerTextAsync()).Contains("61.00", StringComparison.Ordinal);
        });
        await visit.Page.Keyboard.PressAsync("u");
        await Expect(visit.Page.Locator(".held-bar")).Not.ToContainTextAsync("61.00");
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true })).ToBeEnabledAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Reject…" }).ClickAsync();
        await visit.Page.GetByLabel("Why is it rejected?").FillAsync("On second thoughts, no");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Reject", Exact = true }).ClickAsync();

        var answer = await agent.DecisionAsync("to-undo-1", "a-1");
        Assert.Equal("rejected", answer.GetProperty("status").GetString());
        Assert.Equal("On second thoughts, no", answer.GetProperty("note").GetString());
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task Many_of_one_kind_are_approved_at_once_under_a_limit_with_their_sum_in_sight()
    {
        var agent = house.Agent("to-approve-many");
        decimal[] amounts = [10m, 20m, 30m, 500m];
        for (var i = 0; i < amounts.Length; i++)
        {
            await agent.AskAsync($"to-approve-many-{i}", "a-1", amounts[i]);
        }

        await using var visit = await house.AsAdministratorAsync("inbox?agent=to-approve-many");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Approve many…" }).ClickAsync();
        await visit.Page.GetByLabel("Nothing above").FillAsync("100");
        await Expect(visit.Page.GetByText("3 chosen")).ToContainTextAsync("60.00");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Approve 3 for" }).ClickAsync();
        await Expect(visit.Page.GetByText("3 approved")).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).ClickAsync();

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("approved", (await agent.DecisionAsync($"to-approve-many-{i}", "a-1")).GetProperty("status").GetString());
        }

        await Expect(visit.Page.Locator(".rows .row:not(.gone)")).ToHaveCountAsync(1);
        await Expect(visit.Page.Locator(".rows .row:not(.gone)")).ToContainTextAsync("500.00");
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task On_a_phone_one_thumb_gets_from_the_queue_to_a_decision_and_back()
    {
        var agent = house.Agent("to-hold");
        await agent.AskAsync("to-hold-1", "a-1", 12m);
        await agent.AskAsync("to-hold-2", "a-1", 34m);
        await using var visit = await house.AsAdministratorAsync("inbox?agent=to-hold", new() { ViewportSize = new() { Width = 390, Height = 844 }, HasTouch = true });
        await visit.Page.Locator(".rows .row", new() { HasText = "34.00" }).TapAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "to-hold asks to do expense.approve" })).ToContainTextAsync("34.00");
        var approve = visit.Page.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true });

        // Within reach without scrolling, large enough for a thumb, and nothing wider than the screen.
        await Expect(approve).ToBeInViewportAsync();
        Assert.True((await approve.BoundingBoxAsync())!.Height >= 40);
        Assert.True(await visit.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= 390"));
        await approve.TapAsync();
        var answer = await agent.DecisionAsync("to-hold-2", "a-1");
        Assert.Equal("approved", answer.GetProperty("status").GetString());

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Queue" }).TapAsync();
        await Expect(visit.Page.Locator(".rows .row", new() { HasText = "12.00" })).ToBeVisibleAsync();
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task Who_asked_for_it_is_told_in_the_title_the_icon_and_a_notification_that_somebody_waits()
    {
        await using var visit = await house.AsAdministratorAsync("inbox?agent=to-notify");
        await visit.Page.Context.GrantPermissionsAsync(["notifications"]);
        await visit.Page.EvaluateAsync(
            """
            () => {
              window.said = [];
              window.Notification = class { constructor(title, options) { window.said.push(`${title}|${options.body}`); } static permission = 'granted'; static requestPermission() { return Promise.resolve('granted'); } };
              document.hasFocus = () => false;
            }
            """);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Notify me" }).ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Notifying" })).ToBeVisibleAsync();

        await house.Agent("to-notify").AskAsync("to-notify-1", "a-1", 77m);

        await visit.Page.WaitForFunctionAsync("() => window.said.some(s => s.includes('Handrail: a decision is needed'))");
        await visit.Page.WaitForFunctionAsync("() => /^\\(\\d+\\) Inbox/.test(document.title) && document.querySelector('link[rel=icon]').href.startsWith('data:image/svg+xml')");
        Assert.DoesNotContain("to-notify", await visit.Page.EvaluateAsync<string>("() => window.said.join()"), StringComparison.Ordinal);
        Assert.Empty(visit.Problems);
    }

    [Fact]
    public async Task A_person_takes_a_session_over_writes_to_the_user_and_hands_it_back()
    {
        var agent = house.Agent("to-take");
        await agent.AskAsync("to-take-1", "a-1", 90m);
        await using var visit = await house.AsAdministratorAsync("sessions/to-take-1");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Take over…" }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Take over", Exact = true }).ClickAsync();

        await visit.Page.GetByLabel("Your message").FillAsync("One moment, I look it up");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();
        await Expect(visit.Page.Locator(".transcript")).ToContainTextAsync("One moment, I look it up");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Hand back…" }).ClickAsync();
        await visit.Page.GetByLabel("What should the agent know?").FillAsync("Go on with 40");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Hand back", Exact = true }).ClickAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Button, new() { Name = "Take over…" })).ToBeVisibleAsync();
        Assert.Equal("cancelled", (await agent.DecisionAsync("to-take-1", "a-1")).GetProperty("status").GetString());
        Assert.Empty(visit.Problems);
    }
}
