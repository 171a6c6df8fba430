using Handrail.Live;
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
        new("Escape", "Leave editing or rejecting"),
    ];

    private ElementReference _list;
    private string? _heard;
    private string? _moved;

    [Inject]
    public required ReviewDesk Desk { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required ISnackbar Snackbar { get; set; }

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
    public bool Mine { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Handoff);

    private bool Filtered => Agent is not null || Kind is not null || Mine;

    private List<InboxRow> Rows => [.. Desk.Queue.Rows];

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
        var filter = new HandoffFilter { Agent = Agent, Kind = EnumText<HandoffKind>.TryParse(Kind, out var kind) ? kind : null, Mine = Mine };
        await Desk.LoadAsync(filter, Handoff, cancel);
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

        if (press.Subject != Desk.Subject || Desk is not { Draft: { } draft, Standing: { } standing, Newer: null })
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
                await DecideAsync(new CardDecision(press.Subject!, new HandoffDecision(DecisionKind.Approve)));
                break;
            case ("e", CardMode.Reading) when standing.MayApprove:
                draft.Mode = CardMode.Editing;
                break;
            case ("r", CardMode.Reading) when standing.MayDecide:
                draft.Mode = CardMode.Rejecting;
                break;
            case ("t", CardMode.Reading) when standing.MayDecide:
                await TakeOverAsync(press.Subject!);
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
            if (await SendAsync(new CardDecision(subject, new HandoffDecision(DecisionKind.TakeOver) { Note = reason.Length == 0 ? null : reason })))
            {
                Navigation.NavigateTo($"/sessions/{Uri.EscapeDataString(session!)}");
            }
        }
    }

    private async Task DecideAsync(CardDecision decision)
    {
        var done = await SendAsync(decision);
        await RefreshAsync();
        if (done && Desk.GoOn() is { } next)
        {
            GoTo(next);
        }
    }

    private async Task<bool> SendAsync(CardDecision decision)
    {
        if (await Desk.DecideAsync(decision.Subject, decision.Decision) is not { } after)
        {
            _heard = Desk.Refused;
            return false;
        }

        _heard = HandoffWords.Done(after);
        Snackbar.Add(_heard, Severity.Success);
        return true;
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
