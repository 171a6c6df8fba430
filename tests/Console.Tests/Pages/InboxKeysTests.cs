using Bunit;
using Handrail.Actions;
using Handrail.Handoffs;
using Handrail.Testing;
using Xunit;

namespace Handrail.Pages;

public sealed class InboxKeysTests : DeskContext
{
    [Fact]
    public async Task J_and_k_move_through_the_queue()
    {
        await AskAsync("s-1", amount: 90);
        await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".card");

        await PressAsync(page, "j");
        page.WaitForAssertion(() => Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal));
        await PressAsync(page, "j");
        Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal);
        await PressAsync(page, "k");
        page.WaitForAssertion(() => Assert.Contains("90.00 USD", Wanted(page), StringComparison.Ordinal));
    }

    [Fact]
    public async Task C_claims_and_lets_go_and_a_approves()
    {
        var id = await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");

        await PressAsync(page, "c");
        Assert.Equal("anna@example.com", (await HandoffAsync(id)).ClaimedBy);
        await PressAsync(page, "c");
        Assert.Null((await HandoffAsync(id)).ClaimedBy);
        await PressAsync(page, "a");
        Send(page);

        Assert.Equal(ActionStatus.Approved, (await ActionAsync("s-1")).Status);
    }

    [Fact]
    public async Task U_takes_a_decision_back_before_it_is_sent()
    {
        await AskAsync("s-1", amount: 90);
        await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".card");
        await PressAsync(page, "a");
        page.WaitForAssertion(() => Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal));
        Time.Advance(ReviewDesk.UndoFor - TimeSpan.FromSeconds(1));

        await PressAsync(page, "u");

        page.WaitForAssertion(() => Assert.Contains("90.00 USD", Wanted(page), StringComparison.Ordinal));
        Time.Advance(ReviewDesk.UndoFor);
        Assert.True(HasButton(page, "Approve"));
        Assert.Equal(ActionStatus.Pending, (await ActionAsync("s-1")).Status);
    }

    [Fact]
    public async Task Who_leaves_the_page_has_meant_what_was_decided()
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");
        await PressAsync(page, "a");

        await DisposeComponentsAsync();

        await Eventually.HoldsAsync("the decision is sent", async () => (await ActionAsync("s-1")).Status == ActionStatus.Approved);
    }

    [Theory]
    [InlineData("r")]
    [InlineData("e")]
    public async Task While_something_is_being_written_a_does_not_approve(string key)
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");

        await PressAsync(page, key);
        await PressAsync(page, "a");

        Assert.Equal(ActionStatus.Pending, (await ActionAsync("s-1")).Status);
        await PressAsync(page, "Escape");
        Assert.True(HasButton(page, "Approve"));
    }

    [Fact]
    public async Task A_press_that_was_meant_for_another_card_does_nothing()
    {
        await AskAsync("s-1", amount: 90);
        await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        var before = page.WaitForElement("[data-subject]").GetAttribute("data-subject");
        await PressAsync(page, "j");
        page.WaitForAssertion(() => Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal));

        await PressAsync(page, "a", before);

        Assert.Equal(ActionStatus.Pending, (await ActionAsync("s-1")).Status);
        Assert.Equal(ActionStatus.Pending, (await ActionAsync("s-2")).Status);
    }

    [Fact]
    public async Task A_second_press_does_not_decide_the_card_that_has_just_come_up_by_itself()
    {
        await AskAsync("s-1", amount: 90);
        await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".card");
        await PressAsync(page, "a");
        page.WaitForAssertion(() => Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal));

        await PressAsync(page, "a");
        Assert.Equal(["s-1"], page.FindComponent<HeldBar>().Instance.Held.Select(h => h.Seen.SessionId));

        Time.Advance(ReviewDesk.Glance);
        await PressAsync(page, "a");
        Send(page);
        Assert.Equal(ActionStatus.Approved, (await ActionAsync("s-2")).Status);
    }

    [Fact]
    public async Task The_question_mark_lists_the_keys()
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");

        await PressAsync(page, "?");

        Dialogs.WaitForAssertion(() => Assert.Contains("Take over the session", Dialogs.Markup, StringComparison.Ordinal));
    }
}
