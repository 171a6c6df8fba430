using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Handrail.Handoffs;

/// <summary>What waits for people, and the one that is being decided.</summary>
public partial class InboxPage
{
    /// <summary>In pixels; the row's own style keeps to it.</summary>
    private const int RowHeight = 84;

    private static readonly Shortcut[] Keys =
    [
        new("j", "Next", Repeats: true),
        new("k", "Previous", Repeats: true),
        new("c", "Claim it, or let it go"),
        new("a", "Approve as proposed"),
        new("e", "Edit, then approve"),
        new("r", "Reject, with a reason"),
        new("t", "Take over the session"),
        new("u", "Undo, within five seconds"),
        new("d", "Delegate it to a colleague"),
        new("s", "Snooze it"),
        new("b", "Approve many like it"),
        new("Escape", "Leave editing or rejecting"),
    ];

    private ElementReference _list;
    private string? _heard;
    private string? _moved;
    private string _viewName = "";
    private List<SavedView>? _views;

    [Inject]
    public required ReviewDesk Desk { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required SavedViews Views { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Script { get; set; }

    /// <summary>The handoff on the desk; null for the first in the queue.</summary>
    [SupplyParameterFromQuery]
    public string? Handoff { get; set; }

    [SupplyParameterFromQuery]
    public string? Agent { get; set; }

    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    [SupplyParameterFromQuery]
    public string? Type { get; set; }

    /// <summary>The user on whose behalf agents work.</summary>
    [SupplyParameterFromQuery]
    public string? User { get; set; }

    /// <summary>Only what came from this session.</summary>
    [SupplyParameterFromQuery]
    public string? Session { get; set; }

    [SupplyParameterFromQuery]
    public bool Mine { get; set; }

    [SupplyParameterFromQuery]
    public bool Snoozed { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Handoff);

    private bool Filtered => Agent is not null || Kind is not null || Type is not null || Some(User) is not null || Some(Session) is not null || Mine || Snoozed;

    /// <summary>The queue's row of what lies on the desk.</summary>
    private InboxRow? Here => Desk.Card is { } card ? Desk.All.ById.GetValueOrDefault(card.Handoff.HandoffId) : null;

    private bool MayApproveMany => Desk.Standing?.MayApprove == true && Here is { } here && BulkApproval.Fits(here);

    private string Snippet =>
        $$"""
        curl -sS {{Navigation.BaseUri}}api/v1/sessions/first-session/actions -H 'content-type: application/json' -H 'x-api-key: YOUR_AGENT_KEY' -d '{
          "action_id": "a-1", "agent": "my-agent", "type": "expense.approve", "amount": 48.20, "currency": "USD", "vendor": "Blue Door Cafe",
          "reasoning": "The receipt matches."
        }'
        """;

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var held = Desk.Queue.Held.Count;
        var filter = new InboxFilter { Agent = Agent, Kind = EnumText<HandoffKind>.TryParse(Kind, out var kind) ? kind : null, Type = Type, User = Some(User), SessionId = Some(Session), Mine = Mine, Snoozed = Snoozed };
        await Desk.LoadAsync(filter, Handoff, cancel);
        _views ??= await Views.ListAsync(Desk.Caller!, SavedView.Inbox, cancel);
        if (Desk.Queue.Held.Count > held)
        {
            _heard = $"{Desk.Queue.Held.Count} new, more urgent than what is shown.";
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_moved is { } id)
        {
            _moved = null;
            await RevealAsync(Desk.Queue.IndexOf(id));
        }
    }

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    private string HrefOf(string? id) => Navigation.GetUriWithQueryParameter("handoff", id);

    private void Filter(string name, string? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { [name] = string.IsNullOrEmpty(value) ? null : value, ["handoff"] = null }));

    private void ShowHeld() => Desk.Queue.Settle();

    private void GoTo(string? id)
    {
        _moved = id;
        Navigation.NavigateTo(HrefOf(id), replace: Handoff is not null);
    }

    private async Task PressAsync(ShortcutPress press)
    {
        if (press.Key is "j" or "k")
        {
            if (Desk.Queue.Step(Desk.Card?.Handoff.HandoffId, press.Key == "j" ? 1 : -1) is { } next)
            {
                GoTo(next.Id);
            }

            return;
        }

        if (press.Key == "u")
        {
            Undo();
            return;
        }

        if (press.Subject != Desk.Subject || Desk.HeldHere is not null || Desk is not { Draft: { } draft, Standing: { } standing, Newer: null })
        {
            return;
        }

        switch (press.Key, draft.Mode)
        {
            case ("Escape", not CardMode.Reading):
                draft.Cancel();
                break;
            case ("c", _) when standing.MayClaim:
                await ClaimAsync(standing.Mine);
                break;
            case ("a", CardMode.Reading) when standing.MayApprove:
                Decide(new CardDecision(press.Subject!, new HandoffDecision(DecisionKind.Approve)));
                break;
            case ("e", CardMode.Reading) when standing.MayApprove:
                draft.Mode = CardMode.Editing;
                break;
            case ("r", CardMode.Reading) when standing.MayDecide:
                draft.Mode = CardMode.Rejecting;
                break;
            case ("t", CardMode.Reading) when standing.MayDecide && Desk.Card?.Handoff.Kind != HandoffKind.Sample:
                await TakeOverAsync(press.Subject!);
                break;
            case ("d", CardMode.Reading) when standing.MayClaim:
                draft.Mode = CardMode.Delegating;
                await TypedAsync();
                break;
            case ("s", CardMode.Reading) when standing.MayClaim:
                draft.Mode = CardMode.Snoozing;
                break;
            case ("b", CardMode.Reading) when MayApproveMany:
                await ApproveManyAsync();
                break;
        }
    }

    private async Task ClaimAsync(bool release)
    {
        await Desk.ClaimAsync(release);
        await RefreshAsync();
    }

    private async Task TakeOverAsync(string subject)
    {
        const string effect = "The agent's request is withdrawn, the agent is told to wait, and the session is yours until you hand it back.";
        if (await Deeds.AskAsync("Take over the session?", effect, "Take over", required: false) is { } reason)
        {
            var session = Desk.Card?.Handoff.SessionId;
            if (await Desk.TakeOverAsync(subject, reason.Length == 0 ? null : reason) is not null)
            {
                Navigation.NavigateTo($"/sessions/{Uri.EscapeDataString(session!)}");
            }
            else
            {
                _heard = Desk.Refused;
            }
        }
    }

    private void Decide(CardDecision decision)
    {
        if (Desk.Hold(decision.Subject, decision.Decision) is { } held)
        {
            _heard = $"{HandoffWords.Doing(held)}: about to be sent. Press u to undo.";
            Beside(cancel => SendLaterAsync(held, cancel));
            GoOn();
        }
    }

    private async Task SendLaterAsync(HeldDecision held, CancellationToken cancel)
    {
        var left = held.DueAt - Time.GetUtcNow();
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, Time, cancel);
        _heard = await Desk.SendAsync(held) is { } after ? HandoffWords.Done(after) : Desk.NotSent.LastOrDefault(n => n.Held == held)?.Why;
        await RefreshAsync();
        StateHasChanged();
    }

    private void Undo()
    {
        if (Desk.Undo() is { } held)
        {
            _heard = $"Taken back: {HandoffWords.Doing(held)}.";
            GoTo(held.Seen.HandoffId);
        }
    }

    private void GoOn()
    {
        if (Desk.GoOn() is { } next)
        {
            GoTo(next);
        }
    }

    private async Task DelegateAsync()
    {
        if (Desk.Draft is { Colleague: { Length: > 0 } to } draft && await Desk.DelegateAsync(to, draft.Words.Trim() is { Length: > 0 } words ? words : null))
        {
            _heard = $"Delegated to {to}.";
            await RefreshAsync();
            GoOn();
        }
    }

    private async Task SnoozeAsync(DateTimeOffset? until)
    {
        if (await Desk.SnoozeAsync(until))
        {
            _heard = until is null ? "It is back in your queue." : "Put aside.";
            await RefreshAsync();
            GoOn();
        }
    }

    private async Task ApproveManyAsync()
    {
        if (Here is { } here)
        {
            // What the filters keep out of sight is not approved with the rest.
            var shown = Desk.Queue.Rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
            await BulkDialog.ShowAsync(Deeds.Dialogs, new BulkApproval(here, Desk.All.Rows.Where(r => shown.Contains(r.Id) && !Desk.Queue.Sending.Contains(r.Id)), Desk.Rights!, Time.GetUtcNow()));
            await RefreshAsync();
            Desk.Queue.Settle();
        }
    }

    private async Task TypedAsync()
    {
        if (Desk is { Draft.Mode: CardMode.Delegating, Colleagues.Count: 0 })
        {
            await Desk.LoadColleaguesAsync();
        }

        await Desk.StayAsync();
    }

    private async Task SaveViewAsync()
    {
        // A saved queue is the filters, not the handoff that lies on the desk.
        var query = new Uri(Navigation.GetUriWithQueryParameter("handoff", (string?)null)).Query.TrimStart('?');
        if (await Deeds.TryAsync("The queue is saved.", () => Views.SaveAsync(Desk.Caller!, SavedView.Inbox, _viewName, query, CancellationToken.None)))
        {
            _viewName = "";
            _views = await Views.ListAsync(Desk.Caller!, SavedView.Inbox, CancellationToken.None);
        }
    }

    private async Task RemoveViewAsync(string name)
    {
        await Views.RemoveAsync(Desk.Caller!, SavedView.Inbox, name, CancellationToken.None);
        _views = await Views.ListAsync(Desk.Caller!, SavedView.Inbox, CancellationToken.None);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            // Whoever leaves has meant what was decided; what is refused now stays open, and is seen there.
            _ = Desk.SendAllAsync();
        }
    }

    private async Task RevealAsync(int index)
    {
        try
        {
            await using var module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Handoffs/InboxPage.razor.js"]);
            await module.InvokeVoidAsync("reveal", _list, index * RowHeight, RowHeight);
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone already.
        }
    }
}
