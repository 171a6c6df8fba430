using System.Globalization;
using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;

namespace Handrail.Costs;

/// <summary>What the fleet spends, on what, for whom, and what comes of it.</summary>
public partial class CostsPage
{
    /// <summary>Hundreds of thousands of rows are added up: not with each of them that comes in.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private CostScreen? _screen;
    private string? _wrong;
    private CostAddress? _read;
    private DateTimeOffset _readAt;
    private DateOnly? _from;
    private DateOnly? _to;

    [Inject]
    public required CostScreens Costs { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [SupplyParameterFromQuery]
    public string? Range { get; set; }

    [SupplyParameterFromQuery]
    public string? From { get; set; }

    [SupplyParameterFromQuery]
    public string? To { get; set; }

    [SupplyParameterFromQuery]
    public string? By { get; set; }

    [SupplyParameterFromQuery]
    public string? Agent { get; set; }

    [SupplyParameterFromQuery]
    public string? Model { get; set; }

    [SupplyParameterFromQuery]
    public string? Tool { get; set; }

    [SupplyParameterFromQuery]
    public string? User { get; set; }

    /// <summary>Only what this session spent.</summary>
    [SupplyParameterFromQuery]
    public string? Session { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Policy);

    private CostAddress Address => new(Range, From, To, By, Agent, Model, Tool, User, Session);

    private IReadOnlyList<string> Agents => _screen is null ? [] : string.IsNullOrEmpty(Agent) || _screen.Agents.Contains(Agent) ? _screen.Agents : [Agent, .. _screen.Agents];

    private List<(string Word, string Name, CostAddress Without)> Narrowings =>
    [
        .. new[] { ("agent", Agent, SpendBy.Agent), ("model", Model, SpendBy.Model), ("tool", Tool, SpendBy.Tool), ("user", User, SpendBy.User) }
            .Where(n => !string.IsNullOrEmpty(n.Item2)).Select(n => (n.Item1, n.Item2!, Address.Narrowed(n.Item3, null))),
        .. string.IsNullOrEmpty(Session) ? [] : new[] { ("session", Session, Address with { Session = null }) },
    ];

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        if (_read == Address && Now - _readAt < Again)
        {
            return;
        }

        var (address, caller) = (Address, await Caller.GetAsync());
        try
        {
            _screen = await Costs.ReadAsync(caller, address.Question, cancel);
            _wrong = null;
        }
        catch (Refusal refusal) when (refusal.Kind == RefusalKind.Invalid)
        {
            _wrong = refusal.Message;
        }

        if (_read != address)
        {
            (_from, _to) = _wrong is null ? (_screen!.Spend.Range.First, _screen.Spend.Range.Last) : (_from, _to);
        }

        (_read, _readAt) = (address, Now);
    }

    private bool IsRange(string word) => !Address.IsOwnRange && (string.IsNullOrEmpty(Range) ? SpendRange.Usual : Range) == word;

    private async Task<SpendSessions> MoreAsync(int skip, int take) => await Costs.SessionsAsync(await Caller.GetAsync(), Address.Question, skip, take, CancellationToken.None);

    private async Task AgainAsync()
    {
        _read = null;
        await RefreshAsync();
        StateHasChanged();
    }

    private void OwnRange() => Go(Address with { Range = null, From = Text(_from), To = Text(_to) });

    private void Go(CostAddress address) => Navigation.NavigateTo(address.At(CostAddress.Page));

    private static string? Text(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
