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
}
