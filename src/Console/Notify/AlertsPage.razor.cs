using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Notify;

/// <summary>What wants a person, newest first.</summary>
public sealed partial class AlertsPage
{
    private const int Portion = 50;

    private AlertListing? _page;
    private int _open;
    private bool _more;
    private bool _mayAnswer;

    [Inject]
    public required AlertQueries Alerts { get; set; }

    [Inject]
    public required AnswerAlert Answer { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery]
    public string? State { get; set; }

    /// <summary>The page's start: alerts before this one.</summary>
    [SupplyParameterFromQuery]
    public string? Before { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Notice);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _mayAnswer = caller.MaySomewhere(Permission.Decide) || caller.MaySomewhere(Permission.Control);
        AlertState? state = EnumText<AlertState>.TryParse(State, out var one) ? one : null;
        try
        {
            _page = await Alerts.ListAsync(caller, state, all: false, Before, Portion, cancel);
        }
        catch (Refusal) when (Before is not null)
        {
            // An address that was cut off: from the start then.
            _page = await Alerts.ListAsync(caller, state, all: false, null, Portion, cancel);
        }

        _open = _page.Items.Count(a => a.State == AlertState.Open);
        _more = _page.NextCursor is not null;
    }

    private async Task AcknowledgeAsync(AlertReading alert)
    {
        await Deeds.TryAsync("You see to it; nobody else is woken.", async () => await Answer.AcknowledgeAsync(await Caller.GetAsync(), alert.Id, CancellationToken.None));
        await RefreshAsync();
    }

    private void Narrow(object? value) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["state"] = value as string is { Length: > 0 } text ? text : null, ["before"] = null }));

    private string Address(string? before) => Navigation.GetUriWithQueryParameter("before", before);
}
