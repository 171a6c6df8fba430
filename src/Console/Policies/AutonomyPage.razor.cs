using Handrail.Live;
using Handrail.Sessions;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Policies;

/// <summary>How much of its own accord each agent acts: the sliders and amounts of every layer.</summary>
public partial class AutonomyPage
{
    private const int Portion = 40;

    private int _most = Portion;

    [Inject]
    public required AutonomyDesk Desk { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required ISnackbar Snackbar { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    /// <summary>The scope whose versions are shown.</summary>
    [SupplyParameterFromQuery]
    public string? History { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Policy, HintKind.Agent);

    private List<AgentLayer> Shown => Text is null
        ? [.. Desk.Reading!.Agents]
        : [.. Desk.Reading!.Agents.Where(a => Matches(a.Agent) || Desk.RowsOf(a.Agent).Any(r => r.Type is { } type && Matches(type)))];

    private IEnumerable<(string? Agent, LayerState Layer, IReadOnlyList<AutonomyRow> Rows)> Panels => Shown.Take(_most)
        .Select(a => ((string?)a.Agent, a.Layer, Desk.RowsOf(a.Agent)))
        .Prepend((null, Desk.Reading!.Fleet, Desk.FleetRows)).Skip(Text is null ? 0 : 1);

    protected override void OnInitialized() => Desk.Previews.Told = () => _ = InvokeAsync(StateHasChanged);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        await Desk.LoadAsync(History, cancel);
        Beside(async gone =>
        {
            if (await Desk.RecallAsync(gone))
            {
                StateHasChanged();
            }
        });
        foreach (var scope in Desk.Drafted)
        {
            Weigh(scope);
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

    private void Move(string scope, PolicyEdit edit)
    {
        Desk.Make(scope, edit);
        Weigh(scope);
    }

    private void Follow(LevelMove move, string type)
    {
        foreach (var scope in Desk.Follow(move, type))
        {
            Weigh(scope);
        }
    }

    private void Rebase(string scope)
    {
        Desk.DraftOf(scope)?.Rebase();
        Weigh(scope);
    }

    /// <summary>What a draft would mean is found out beside the page.</summary>
    private void Weigh(string scope) => Beside(cancel => Desk.WeighAsync(scope, cancel));

    private bool Matches(string name) => name.Contains(Text!, StringComparison.OrdinalIgnoreCase);

    private void Narrow(string? text) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", string.IsNullOrWhiteSpace(text) ? null : text.Trim()));

    /// <summary>A level of the fleet that is raised lets more go at once for every agent that has no policy of its own.</summary>
    private string? WarningOf(string scope)
    {
        if (scope != Scopes.Fleet || Desk.DraftOf(scope) is not { } draft || !Raises(draft))
        {
            return null;
        }

        var alone = Desk.WithoutOwn.ToList();
        return alone.Count == 0
            ? null
            : $"{(alone.Count == 1 ? "One agent has" : $"{alone.Count} agents have")} no policy of their own, so that this level alone decides for them: {string.Join(", ", alone.Take(10))}{(alone.Count > 10 ? " and more" : "")}.";
    }

    private static bool Raises(PolicyDraft draft) =>
        AutonomyRow.Of(draft.Document, null, []).Any(row => Policy.PolicyInForce.LevelFor(draft.Start.Rules, row.Type) < row.Level)
        || AutonomyRow.Of(draft.Start.Rules, null, []).Any(row => row.Level < Policy.PolicyInForce.LevelFor(draft.Document, row.Type));

    private async Task PublishAsync(string scope)
    {
        if (await Desk.PublishAsync(scope) is { } version)
        {
            Snackbar.Add($"Version {version} of {Subject(scope)} is in force.", Severity.Success);
        }

        await RefreshAsync();
    }

    private async Task RollBackAsync(string scope, int version)
    {
        var effect = $"Version {version} is published again as a new version and rules the very next decision.";
        if (await Deeds.AskAsync($"Roll {Subject(scope)} back to version {version}?", effect, "Roll back") is { } reason)
        {
            await Deeds.TryAsync($"Version {version} is in force again.", () => Desk.RollBackAsync(scope, version, reason));
            await RefreshAsync();
        }
    }

    private Task MoreHistoryAsync()
    {
        Desk.MoreHistory();
        return RefreshAsync();
    }

    private static string Subject(string scope) => scope == Scopes.Fleet ? "the fleet's policy" : $"the policy of {scope[Scopes.Agent("").Length..]}";
}
