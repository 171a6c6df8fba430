using System.Text.Json.Nodes;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;

namespace Handrail.Policies.Editing;

/// <summary>One layer's limits, rules and settings: read in plain English, edited in a draft, tried, published.</summary>
public partial class RulesPage
{
    private ElementReference _parts;
    private RulesPart? _revealed;

    [Inject]
    public required RulesDesk Desk { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required ISnackbar Snackbar { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Script { get; set; }

    /// <summary><c>fleet</c> or <c>agent:NAME</c>.</summary>
    [SupplyParameterFromQuery]
    public string? Layer { get; set; }

    [SupplyParameterFromQuery]
    public string? Part { get; set; }

    /// <summary>Narrows the entries of a part.</summary>
    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Policy, HintKind.Agent);

    private RulesPart Current => RulesPart.Of(Part);

    private DraftDocument Form => Desk.Draft.Form;

    private EditingScope Editing => new(Form, EventCallback.Factory.Create(this, WeighSoon), Desk.HistoryOf);

    private string? Agent => Desk.Scope == Scopes.Fleet ? null : Desk.Scope[Scopes.Agent("").Length..];

    private string Subject => Agent ?? "the fleet";

    protected override void OnInitialized() => Desk.Previews.Told = () => _ = InvokeAsync(StateHasChanged);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var known = Layer is { } layer && layer.StartsWith(Scopes.Agent(""), StringComparison.Ordinal) && layer.Length is > 6 and <= 6 + Names.Longest && !layer.Any(char.IsControl);
        await Desk.LoadAsync(known ? Layer! : Scopes.Fleet, Current.Key == "versions", cancel);
        WeighSoon();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Desk.Reading is null || _revealed == Current)
        {
            return;
        }

        _revealed = Current;
        try
        {
            await using var module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Policies/Editing/RulesPage.razor.js"]);
            await module.InvokeVoidAsync("reveal", _parts);
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone already.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Desk.Previews.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>What a draft would mean is found out beside the page.</summary>
    private void WeighSoon()
    {
        Beside(async cancel =>
        {
            if (await Desk.ProveAsync(cancel))
            {
                StateHasChanged();
            }
        });
        Beside(async cancel =>
        {
            if (await Desk.RememberAsync(Current.Key, cancel))
            {
                StateHasChanged();
            }
        });
        if (Desk.MayEdit)
        {
            Beside(_ => Desk.Previews.FollowAsync(Desk.Caller!, Desk.Draft));
        }
    }

    private static string Address(string? layer, string? part)
    {
        var query = new List<string>();
        if (layer is not null && layer != Scopes.Fleet)
        {
            query.Add($"layer={Uri.EscapeDataString(layer)}");
        }

        if (part is not null && part != RulesPart.All[0].Key)
        {
            query.Add($"part={part}");
        }

        return query.Count == 0 ? "/rules" : $"/rules?{string.Join('&', query)}";
    }

    private void Toggle(JsonObject entry) => Changed(() => Desk.Toggle(entry));

    private void Changed(JsonObject added) => WeighSoon();

    private void Changed(Action change)
    {
        change();
        WeighSoon();
    }

    private void RemoveAsync(JsonObject entry) => Changed(() => Form.Remove(entry));

    private void DiscardAsync() => Changed(Desk.Discard);

    private void ImportAsync(string json)
    {
        if (Desk.Draft.Import(json) is { } error)
        {
            Snackbar.Add(error, Severity.Error, options => options.RequireInteraction = true);
            return;
        }

        Snackbar.Add("It is in the draft; nothing is in force before you publish.", Severity.Success);
        WeighSoon();
    }

    private async Task PublishAsync()
    {
        if (await Desk.PublishAsync() is { } version)
        {
            Snackbar.Add($"Version {version} of {(Agent is null ? "the fleet's policy" : $"the policy of {Agent}")} is in force.", Severity.Success);
        }

        await RefreshAsync();
    }

    private async Task RollBackAsync(int version)
    {
        var effect = $"Version {version} is published again as a new version and rules the very next decision.";
        if (await Deeds.AskAsync($"Roll {Subject} back to version {version}?", effect, "Roll back") is { } reason)
        {
            await Deeds.TryAsync($"Version {version} is in force again.", () => Desk.RollBackAsync(version, reason));
            await RefreshAsync();
        }
    }

    private Task MoreHistoryAsync()
    {
        Desk.MoreHistory();
        return RefreshAsync();
    }
}
