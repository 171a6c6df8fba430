using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Handoffs;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Handrail.Pages;

/// <summary>Delegating, putting aside, approving many, saved queues; what people decided on the like; a session in hand.</summary>
public sealed class DeskPageTests : DeskContext
{
    [Fact]
    public async Task What_is_put_aside_leaves_the_queue_and_is_found_under_put_aside()
    {
        await AskAsync("s-1", amount: 90);
        await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".card");

        On(page, () => Button(page, "Snooze…"), e => e.Click());
        On(page, () => Button(page, "1 hour"), e => e.Click());

        page.WaitForAssertion(() => Assert.Contains("10.00 USD", Wanted(page), StringComparison.Ordinal));
        Assert.Single(page.FindAll(".row"));
        On(page, () => page.FindAll(".mine input")[1], e => e.Change(true));
        page.WaitForAssertion(() => Assert.Contains("90.00 USD", page.FindAll(".row .amount").Single().TextContent, StringComparison.Ordinal));
        Assert.EndsWith("snoozed=true", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);

        Time.Advance(TimeSpan.FromHours(1));
        On(page, () => page.FindAll(".mine input")[1], e => e.Change(false));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".row").Count));
    }

    [Fact]
    public async Task What_is_delegated_says_to_whom_and_with_which_words()
    {
        var id = await AskAsync("s-1");
        await using (var db = await Services.GetRequiredService<IDbContextFactory<Store.HandrailDb>>().CreateDbContextAsync())
        {
            var ben = People.Add(db, new Microsoft.AspNetCore.Identity.PasswordHasher<Person>(), "ben@example.com", new PersonChange("Ben", null, null, null), Now);
            await db.SaveChangesAsync();
            await People.SetRolesAsync(db, ben, [Permissions.Reviewer], default);
            await db.SaveChangesAsync();
        }

        var page = OpenInbox();
        page.WaitForElement(".card");
        On(page, () => Button(page, "Delegate…"), e => e.Click());
        page.WaitForAssertion(() => Assert.Contains("ben@example.com", page.Find("#delegate-to").TextContent, StringComparison.Ordinal));
        On(page, () => page.Find("#delegate-to"), e => e.Change("ben@example.com"));
        On(page, () => page.Find("#delegate-words"), e => e.Input("You know them"));
        On(page, () => page.Find(".delegate"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Contains("delegated it to ben@example.com: “You know them”", page.Find(".card").TextContent, StringComparison.Ordinal));
        Assert.False(HasButton(page, "Approve"));
        Assert.Contains("Delegated to ben@example.com", page.Find(".row").TextContent, StringComparison.Ordinal);
        Assert.Equal("ben@example.com", (await HandoffAsync(id)).AssignedTo);
    }

    [Fact]
    public async Task Many_of_one_kind_are_approved_with_their_sum_shown_and_each_by_itself()
    {
        await AskAsync("s-1", amount: 30);
        var second = await AskAsync("s-2", amount: 20);
        await AskAsync("s-3", amount: 900);
        var page = OpenInbox();
        page.WaitForElement(".card");
        await PressAsync(page, "j");
        page.WaitForAssertion(() => Assert.Contains("30.00 USD", Wanted(page), StringComparison.Ordinal));

        await page.InvokeAsync(() => { _ = PressAsync(page, "b"); });
        Dialogs.WaitForAssertion(() => Assert.Contains("2 chosen", Dialogs.Markup, StringComparison.Ordinal));
        Assert.Contains("50.00 USD", Dialogs.Find(".sum").TextContent, StringComparison.Ordinal);
        Assert.Contains("1 of the same kind are above that", Dialogs.Markup, StringComparison.Ordinal);
        await DecideAsync(Ben, second, new HandoffDecision(DecisionKind.Reject) { Note = "no" });
        On(Dialogs, () => Dialogs.FindAll(".mud-dialog-actions button")[^1], e => e.Click());

        Dialogs.WaitForAssertion(() => Assert.Contains("1 approved, 1 not", Dialogs.Find(".sum").TextContent, StringComparison.Ordinal));
        Assert.Contains("ben@example.com", Dialogs.Find("li .error").TextContent, StringComparison.Ordinal);
        Assert.Equal(ActionStatus.Approved, (await ActionAsync("s-1")).Status);
        Assert.Equal(ActionStatus.Rejected, (await ActionAsync("s-2")).Status);
        Assert.Equal(ActionStatus.Pending, (await ActionAsync("s-3")).Status);
    }

    [Fact]
    public async Task A_rejection_takes_a_reason_of_the_agent_s_own_list()
    {
        await AskAsync("s-1");
        await SaveAsync(null, await ReadAsync(async db =>
        {
            var agent = await db.Agents.SingleAsync(a => a.Name == "desk");
            agent.RejectCodesJson = Store.JsonText.Of(new[] { new RejectCode("receipt", "The receipt is missing") });
            return agent;
        }));
        var page = OpenInbox();
        page.WaitForElement(".card");
        On(page, () => Button(page, "Reject…"), e => e.Click());

        On(page, () => page.Find("#reject-code"), e => e.Change("receipt"));
        On(page, () => page.Find("#reject-reason"), e => e.Input("Nothing attached"));
        On(page, () => Button(page, "Reject"), e => e.Click());
        Send(page);

        page.WaitForAssertion(() => Assert.Contains("The receipt is missing", page.Find(".closed").TextContent, StringComparison.Ordinal));
        Assert.Equal("receipt", (await ReadAsync(db => db.Handoffs.SingleAsync())).ReasonCode);
    }

    [Fact]
    public async Task What_was_refused_after_the_five_seconds_is_said_and_stays_until_it_is_read()
    {
        var id = await AskAsync("s-1", amount: 90);
        await AskAsync("s-2", amount: 10);
        var page = OpenInbox();
        page.WaitForElement(".card");
        await PressAsync(page, "a");
        page.WaitForElement(".held-bar .undo");
        await DecideAsync(Ben, id, new HandoffDecision(DecisionKind.Reject) { Note = "no" });

        Send(page);

        page.WaitForAssertion(() => Assert.Contains("ben@example.com", page.Find(".held-bar .failed").TextContent, StringComparison.Ordinal));
        Assert.Equal(ActionStatus.Rejected, (await ActionAsync("s-1")).Status);
        On(page, () => page.Find(".held-bar .failed button"), e => e.Click());
        Assert.Empty(page.FindAll(".held-bar .failed"));
    }

    [Fact]
    public async Task What_people_decided_on_the_like_stands_beside_it()
    {
        var past = await AskAsync("s-0", amount: 50);
        await DecideAsync(Ben, past, new HandoffDecision(DecisionKind.Reject) { Note = "No receipt" });
        await AskAsync("s-1", amount: 60);

        var page = OpenInbox();

        page.WaitForAssertion(() => Assert.Contains("Of 1 like it: 0 approved as proposed, 0 edited, 1 rejected", page.Find(".card").TextContent, StringComparison.Ordinal));
        Assert.Contains("“No receipt”", page.Find(".card").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_was_given_a_name_is_found_again()
    {
        await AskAsync("s-1");
        Services.GetRequiredService<NavigationManager>().NavigateTo("/inbox?type=expense.approve&mine=true&handoff=h-1");
        var page = (IRenderedComponent<IComponent>)Open<InboxPage>();
        page.WaitForElement(".views");

        On(page, () => page.Find(".views input"), e => e.Change("Mine to pay"));
        On(page, () => page.Find(".views form"), e => e.Submit());

        page.WaitForAssertion(() => Assert.Equal("/inbox?type=expense.approve&mine=true", page.Find(".views p a").GetAttribute("href")));
        On(page, () => page.Find(".views p button"), e => e.Click());
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".views p a")));
    }

    [Fact]
    public async Task Who_has_a_session_in_hand_writes_in_it_and_hands_it_back()
    {
        await AskAsync("s-1");
        var anna = new Caller { Kind = CallerKind.Person, Id = "p-1", Name = "anna@example.com", Roles = new HashSet<string> { Permissions.Owner } };
        await Services.GetRequiredService<ControlSession>().HandleAsync(anna, "s-1", ControlKind.TakeOver, null, null, null, default);
        var page = (IRenderedComponent<IComponent>)Open<OneSessionPage>(p => p.Add(s => s.Id, "s-1"));
        page.WaitForElement("#write");

        On(page, () => page.Find("#write"), e => e.Input("One moment"));
        On(page, () => page.Find("section.mine form"), e => e.Submit());
        page.WaitForAssertion(() => Assert.Contains("anna@example.com to the user", page.Find(".transcript").TextContent, StringComparison.Ordinal));
        On(page, () => Button(page, "Hand back…"), e => e.Click());
        On(page, () => page.Find("#hand-note"), e => e.Input("Go on"));
        On(page, () => Button(page, "Hand back"), e => e.Click());

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("section.mine")));
        var commands = await ReadAsync(db => db.ControlCommands.OrderBy(c => c.Seq).ToListAsync());
        Assert.Equal([ControlKind.TakeOver, ControlKind.Message, ControlKind.HandBack], commands.Select(c => c.Kind));
        Assert.Contains("Go on", commands[2].PayloadJson, StringComparison.Ordinal);
        Assert.Contains("One moment", commands[2].PayloadJson, StringComparison.Ordinal);
    }
}
