using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Handoffs;
using Handrail.Policy;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Pages;

/// <summary>The Inbox, with agents that ask and other people who decide meanwhile.</summary>
public abstract class DeskContext : PageContext
{
    private static readonly Caller Agent1 = new() { Kind = CallerKind.AgentKey, Id = "k-1", Name = "key", Team = "default" };

    protected static Caller Ben { get; } =
        new() { Kind = CallerKind.Person, Id = "p-2", Name = "ben@example.com", Roles = new HashSet<string> { Permissions.Reviewer } };

    protected async Task<string> AskAsync(
        string session, decimal amount = 48.20m, string vendor = "Blue Door Cafe", string arguments = """{"expense_id":"e-9","approved_amount":48.20}""",
        string? reasoning = "The receipt matches.", string? citations = null, string? user = null)
    {
        var request = new ActionRequest("a-1", "desk", "expense.approve")
        {
            Amount = amount,
            Currency = "USD",
            Vendor = vendor,
            Category = "meals",
            Reasoning = reasoning,
            User = user,
            Arguments = JsonText.Element(arguments)!.Value,
        };
        var question = new GateQuestion(request) { Arguments = request.Arguments, Citations = JsonText.Element(citations), Digest = session };
        await SaveAsync(null, new AgentKey { Id = Agent1.Id, Name = Agent1.Name, Team = Agent1.Team!, Hash = "h", CreatedBy = "test", CreatedAt = Now });
        return (await Services.GetRequiredService<AskGate>().HandleAsync(Agent1, session, question, default)).Action.HandoffId!;
    }

    protected async Task<string> AskPersonAsync(string? options = null, string? schema = null)
    {
        var request = new PersonRequest
        {
            HandoffId = "q-1",
            Agent = "desk",
            Kind = HandoffKind.Question,
            Summary = "Which account?",
            OptionsJson = options,
            AnswerSchemaJson = schema,
            Digest = "d",
        };
        await Services.GetRequiredService<AskPerson>().HandleAsync(Agent1, "s-q", request, default);
        return "q-1";
    }

    protected Task<HandoffAnswer> DecideAsync(Caller who, string id, HandoffDecision decision) =>
        Services.GetRequiredService<DecideHandoff>().HandleAsync(who, id, decision, null, default);

    protected Task<Handoff> HandoffAsync(string id) => ReadAsync(db => db.Handoffs.SingleAsync(h => h.Id == id));

    protected Task<GatedAction> ActionAsync(string session) => ReadAsync(db => db.Actions.SingleAsync(a => a.SessionId == session));

    protected IRenderedComponent<IComponent> OpenInbox(string? handoff = null)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(handoff is null ? "/inbox" : $"/inbox?handoff={handoff}");
        return Open<InboxPage>();
    }

    /// <summary>Presses a key while looking at what is on the screen.</summary>
    protected static Task PressAsync(IRenderedComponent<IComponent> page, string key) => PressAsync(page, key, page.Find("[data-subject]").GetAttribute("data-subject"));

    protected static Task PressAsync(IRenderedComponent<IComponent> page, string key, string? subject) =>
        page.InvokeAsync(() => page.FindComponent<Shortcuts>().Instance.Press(key, subject));

    /// <summary>Lets the time go by in which a decision may be taken back.</summary>
    protected void Send(IRenderedComponent<IComponent> page)
    {
        page.WaitForElement(".held-bar .undo");
        Time.Advance(ReviewDesk.UndoFor);
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".held-bar .undo")));
    }

    protected static IElement Button(IRenderedComponent<IComponent> page, string text) =>
        page.FindAll("button").FirstOrDefault(b => b.TextContent.Trim() == text) ?? throw new InvalidOperationException($"There is no button '{text}' in {page.Markup}");

    protected static bool HasButton(IRenderedComponent<IComponent> page, string text) => page.FindAll("button").Any(b => b.TextContent.Trim() == text);

    protected static string Wanted(IRenderedComponent<IComponent> page) =>
        System.Text.RegularExpressions.Regex.Replace(page.Find("#wanted").TextContent, @"\s+", " ").Trim();
}
