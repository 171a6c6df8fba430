using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Handoffs;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

public sealed class InboxPageTests : DeskContext
{
    [Fact]
    public async Task A_card_says_in_our_words_what_is_wanted_and_quotes_the_agents()
    {
        await AskAsync("s-1", reasoning: "<b>Safe</b>, see https://evil.example", citations: """[{"title":"Policy","url":"https://example.com/p","quote":"ok"},{"title":"x","url":"javascript:alert(1)"}]""");

        var page = OpenInbox();

        page.WaitForElement("#wanted");
        Assert.Equal("desk asks to do expense.approve for 48.20 USD, vendor Blue Door Cafe, category meals", Wanted(page));
        var words = page.Find(".words");
        Assert.Empty(words.QuerySelectorAll("b > b, img, script, a"));
        Assert.Contains("<b>Safe</b>", words.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat_02_a_source_is_opened_only_by_a_second_press_that_names_its_host()
    {
        await AskAsync("s-1", citations: """[{"title":"Policy","url":"https://example.com/p"},{"title":"x","url":"javascript:alert(1)"}]""");
        var page = OpenInbox();
        page.WaitForElement(".citations");
        Assert.Empty(page.FindAll(".citations a"));

        On(page, () => page.Find(".citations button"), e => e.Click());

        var link = page.FindAll(".citations a").Single();
        Assert.Equal("https://example.com/p", link.GetAttribute("href"));
        Assert.Contains("noreferrer", link.GetAttribute("rel"), StringComparison.Ordinal);
        Assert.Contains("example.com", link.TextContent, StringComparison.Ordinal);
        Assert.Single(page.FindAll(".citations li"), li => li.QuerySelector("button, a") is not null);
    }

    [Fact]
    public async Task Approving_lets_the_action_go_and_brings_up_the_next()
    {
        await AskAsync("s-1", amount: 90);
        var second = await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".card");

        On(page, () => Button(page, "Approve"), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal));
        Assert.Equal(ActionStatus.Pending, (await ActionAsync("s-1")).Status);
        Send(page);
        Assert.Equal(ActionStatus.Approved, (await ActionAsync("s-1")).Status);
        Assert.Equal("anna@example.com", (await ActionAsync("s-1")).DecidedBy);
        Assert.EndsWith($"handoff={second}", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Single(page.FindAll(".row:not(.gone)"));
    }

    [Fact]
    public async Task Edits_are_shown_as_a_diff_and_approved_as_edited()
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");
        On(page, () => Button(page, "Edit…"), e => e.Click());

        On(page, () => page.Find("#edit-amount"), e => e.Input("40"));
        Assert.Contains("approved_amount", page.Find(".left").TextContent, StringComparison.Ordinal);
        On(page, () => page.Find("#edit-1"), e => e.Input("40.00"));

        Assert.Equal(["48.20 USD", "48.20"], page.FindAll(".changes del").Select(d => d.TextContent.Trim()));
        Assert.Equal(["40.00 USD", "40.00"], page.FindAll(".changes ins").Select(d => d.TextContent.Trim()));
        On(page, () => Button(page, "Approve with 2 changes"), e => e.Click());
        Send(page);
        page.WaitForAssertion(() => Assert.Contains("Approved by anna@example.com", page.Find(".card").TextContent, StringComparison.Ordinal));
        var action = await ActionAsync("s-1");
        Assert.True(action.Edited);
        Assert.Equal(40, action.Amount);
        Assert.Equal("""{"expense_id":"e-9","approved_amount":40.00}""", action.ArgumentsJson);
    }

    [Theory]
    [InlineData("1.000,00")]
    [InlineData("４０")]
    [InlineData("-5")]
    [InlineData("")]
    public async Task An_amount_that_could_be_misread_can_not_be_sent(string typed)
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");
        On(page, () => Button(page, "Edit…"), e => e.Click());

        On(page, () => page.Find("#edit-amount"), e => e.Input(typed));

        Assert.Equal("true", page.Find("#edit-amount").GetAttribute("aria-invalid"));
        Assert.True(Button(page, "Approve as proposed").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Rejecting_takes_a_reason()
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");
        On(page, () => Button(page, "Reject…"), e => e.Click());
        Assert.True(Button(page, "Reject").HasAttribute("disabled"));

        On(page, () => page.Find("#reject-reason"), e => e.Input("No guest list"));
        On(page, () => Button(page, "Reject"), e => e.Click());
        Send(page);

        page.WaitForAssertion(() => Assert.Contains("Rejected by anna@example.com", page.Find(".closed").TextContent, StringComparison.Ordinal));
        Assert.Equal("No guest list", (await ActionAsync("s-1")).Note);
    }

    [Fact]
    public async Task What_somebody_else_decided_is_said_with_the_name_and_can_not_be_decided_again()
    {
        var id = await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");

        await DecideAsync(Ben, id, new HandoffDecision(DecisionKind.Reject) { Note = "no" });

        page.WaitForAssertion(() => Assert.Contains("ben@example.com changed this", page.Find(".newer").TextContent, StringComparison.Ordinal));
        Assert.Contains("rejected", page.Find(".newer ins").TextContent, StringComparison.Ordinal);
        Assert.False(HasButton(page, "Approve"));
        Assert.Contains("Rejected by ben@example.com", page.Find(".row.gone").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_that_changed_is_shown_as_changed_and_decided_only_as_it_is_now()
    {
        var id = await AskAsync("s-1", amount: 1_200);
        await SaveAsync(null, With(await HandoffAsync(id), h => h.ApprovalsNeeded = 2));
        var page = OpenInbox();
        page.WaitForElement(".card");

        await DecideAsync(Ben, id, new HandoffDecision(DecisionKind.Approve) { Amount = 900 });

        page.WaitForAssertion(() => Assert.Contains("ben@example.com changed this", page.Find(".newer").TextContent, StringComparison.Ordinal));
        Assert.Contains("900.00 USD", page.FindAll(".newer ins").Select(i => i.TextContent.Trim()));
        Assert.Contains("1,200.00 USD", Wanted(page), StringComparison.Ordinal);
        Assert.False(HasButton(page, "Approve"));

        On(page, () => Button(page, "Show it as it is now"), e => e.Click());

        Assert.Contains("900.00 USD", Wanted(page), StringComparison.Ordinal);
        On(page, () => Button(page, "Approve"), e => e.Click());
        Send(page);
        page.WaitForAssertion(() => Assert.Contains("Approved by anna@example.com", page.Find(".card").TextContent, StringComparison.Ordinal));
        Assert.Equal(900, (await ActionAsync("s-1")).Amount);
    }

    [Fact]
    public async Task What_is_new_and_more_urgent_waits_until_it_is_asked_for()
    {
        await AskAsync("s-1", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".row");

        await AskAsync("s-2", amount: 500);

        page.WaitForAssertion(() => Assert.Contains("1 new, more urgent", page.Find(".held").TextContent, StringComparison.Ordinal));
        Assert.Contains("10.00 USD", page.FindAll(".row").Single().TextContent, StringComparison.Ordinal);
        Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal);

        On(page, () => page.Find(".held"), e => e.Click());

        Assert.Equal(["500.00 USD", "10.00 USD"], page.FindAll(".row .amount").Select(a => a.TextContent.Trim()));
        Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claimed_by_somebody_else_is_seen_live_and_stands_in_the_way()
    {
        var id = await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");

        await Services.GetRequiredService<ClaimHandoff>().HandleAsync(Ben, id, release: false, default);

        page.WaitForAssertion(() => Assert.Contains("ben@example.com has claimed it", page.Find(".card").TextContent, StringComparison.Ordinal));
        Assert.False(HasButton(page, "Approve"));
        Assert.Contains("Claimed by ben@example.com", page.Find(".row").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_is_answered_with_one_of_its_options()
    {
        var id = await AskPersonAsync(options: """[{"id":"a","label":"Account A"},{"id":"b","label":"Account <i>B</i>"}]""");
        var page = OpenInbox();
        page.WaitForElement(".options");

        On(page, () => page.FindAll(".option")[1], e => e.Click());
        Send(page);

        page.WaitForAssertion(() => Assert.Contains("Answered by anna@example.com", page.Find(".closed").TextContent, StringComparison.Ordinal));
        Assert.Equal("""{"choice":"b"}""", (await HandoffAsync(id)).AnswerJson);
    }

    [Fact]
    public async Task A_question_with_a_form_is_answered_in_that_form()
    {
        var id = await AskPersonAsync(schema: """{"type":"object","properties":{"percent":{"type":"number"},"kind":{"type":"string","enum":["cash","finance"]}},"required":["percent"]}""");
        var page = OpenInbox();
        page.WaitForElement("#answer-0");
        Assert.True(Button(page, "Send answer").HasAttribute("disabled"));

        On(page, () => page.Find("#answer-0"), e => e.Input("2.5"));
        On(page, () => page.Find("#answer-1"), e => e.Change("cash"));
        On(page, () => Button(page, "Send answer"), e => e.Click());
        Send(page);

        page.WaitForAssertion(() => Assert.Contains("Answered by anna@example.com", page.Find(".closed").TextContent, StringComparison.Ordinal));
        Assert.Equal("""{"percent":2.5,"kind":"cash"}""", (await HandoffAsync(id)).AnswerJson);
    }

    [Fact]
    public async Task Taking_over_asks_first_and_then_leads_to_the_session()
    {
        await AskAsync("s-1");
        var page = OpenInbox();
        page.WaitForElement(".card");

        On(page, () => Button(page, "Take over…"), e => e.Click());
        Confirm("I know this customer");

        page.WaitForAssertion(() => Assert.EndsWith("/sessions/s-1", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
        Assert.Equal(ActionStatus.TakenOver, (await ActionAsync("s-1")).Status);
    }

    [Fact]
    public void Where_nothing_waits_it_says_how_to_make_something_wait()
    {
        var page = OpenInbox();

        page.WaitForAssertion(() => Assert.Contains("Nothing waits for a person", page.Markup, StringComparison.Ordinal));
        Assert.Contains("/api/v1/sessions/first-session/actions", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_narrow_the_queue_and_stand_in_the_address()
    {
        await AskAsync("s-1");
        await AskPersonAsync();
        var page = OpenInbox();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".row").Count));

        On(page, () => page.Find("select[aria-label=Kind]"), e => e.Change("question"));

        page.WaitForAssertion(() => Assert.Single(page.FindAll(".row")));
        Assert.EndsWith("/inbox?kind=question", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_does_not_approve_ones_own_request_where_the_policy_forbids_it()
    {
        var id = await AskAsync("s-1", user: "Anna@example.com");
        await SaveAsync(null, With(await HandoffAsync(id), h => h.ForbidSelfApproval = true));

        var page = OpenInbox();

        page.WaitForElement(".card");
        Assert.True(Button(page, "Approve").HasAttribute("disabled"));
        Assert.Contains("one's own request", page.Find(".obstacle").TextContent, StringComparison.Ordinal);
        Assert.False(Button(page, "Reject…").HasAttribute("disabled"));
    }

    private static Handoff With(Handoff handoff, Action<Handoff> change)
    {
        change(handoff);
        return handoff;
    }
}

public sealed class InboxForViewersTests : DeskContext
{
    protected override string Role => Permissions.Viewer;

    [Fact]
    public async Task Who_may_only_look_gets_no_buttons_to_decide_with()
    {
        await AskAsync("s-1");

        var page = OpenInbox();

        page.WaitForElement(".card");
        Assert.All(["Approve", "Reject…", "Edit…", "Take over…", "Claim it"], button => Assert.False(HasButton(page, button)));
        Assert.Contains("look on, not decide", page.Find(".obstacle").TextContent, StringComparison.Ordinal);
    }
}
