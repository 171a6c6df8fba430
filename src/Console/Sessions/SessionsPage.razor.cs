using Handrail.Access;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Handrail.Sessions;

/// <summary>Every session, live.</summary>
public sealed partial class SessionsPage : IAsyncDisposable
{
    private const int Portion = 1_000;
    private const int MostClimbs = 3;

    private readonly SettledLines _lines = new();
    private SessionFilter _filter = new();
    private SessionSort _order;
    private SessionLine[] _items = [];
    private HashSet<string> _left = [];
    private List<string> _agents = [];
    private ElementReference _list;
    private IJSObjectReference? _module;
    private DotNetObjectReference<SessionsPage>? _self;
    private DateTimeOffset _settledAt;
    private int _most = Portion;
    private bool _more;
    private bool _loaded;
    private bool _settle = true;
    private bool _handsOn;
    private bool _mayControl;
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private IReadOnlyList<Climb> _climbs = [];
    private List<SavedView> _views = [];
    private string _viewName = "";
    private string? _firstText;
    private string _fieldText = "";
    private ElementReference _search;

    [Inject]
    public required SessionQueries Sessions { get; set; }

    [Inject]
    public required AgentQueries Agents { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required ClimbRates Climbs { get; set; }

    [Inject]
    public required SavedViews Views { get; set; }

    [Inject]
    public required ControlSession Control { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [Inject]
    public required IJSRuntime Script { get; set; }

    [SupplyParameterFromQuery]
    public string? State { get; set; }

    [SupplyParameterFromQuery]
    public string? Agent { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    /// <summary>A word of <see cref="SessionQuery.Spans"/>.</summary>
    [SupplyParameterFromQuery]
    public string? Since { get; set; }

    [SupplyParameterFromQuery(Name = "min_cost")]
    public string? MinCost { get; set; }

    private string Export => "/api/v1/export/sessions.csv" + new Uri(Navigation.Uri).Query;

    protected override void OnInitialized() => (_firstText, _fieldText) = (Text, Text ?? "");

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Session, HintKind.Control);

    private string Found => !_loaded ? "" : _lines.Lines.Count == 1 ? "1 session" : $"{Figures.Count(_lines.Lines.Count)}{(_more ? "+" : null)} sessions";

    protected override Task OnParametersSetAsync()
    {
        // Another view is read in its own order, whoever points at the old one.
        _filter = SessionQuery.Read(State, Agent, Text, Since, MinCost, Time.GetUtcNow());
        _order = SessionQuery.Order(Sort);
        _settle = true;
        return base.OnParametersSetAsync();
    }

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        var (settle, filter, order) = (_settle || MaySettle, _filter, _order);
        _settle = false;
        var read = await Sessions.LinesAsync(caller, filter, order, _most, cancel);
        if (settle)
        {
            _left = [];
            _lines.Settle(read);
            _settledAt = Now;
        }
        else
        {
            var left = _lines.Left(read);
            _left = [.. left];
            _lines.Hold(read, left.Count == 0 ? [] : await Sessions.LinesAsync(caller, left, cancel));
        }

        _mayControl = caller.May(Permission.Control);
        _views = await Views.ListAsync(caller, cancel);
        _climbs = Climbs.Fastest(caller, MostClimbs);
        _agents = [.. (await Agents.ListAsync(caller, cancel)).Select(a => a.Agent)];
        _items = [.. _lines.Lines];
        _more = read.More;
        _loaded = true;
    }

    /// <summary>New sessions come in at once; an order by what moves all the time is made anew only now and then.</summary>
    private bool MaySettle => !_handsOn && (_order == SessionSort.StartedAt || Now - _settledAt >= OwnLook);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            _self = DotNetObjectReference.Create(this);
            _module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["Sessions/SessionsPage.razor.js"]);
            await _module.InvokeVoidAsync("watch", _list, _search, _self);
        }
        else if (_module is not null && _fieldText != (Text ?? ""))
        {
            // Another view was opened by its link.
            _fieldText = Text ?? "";
            await _module.InvokeVoidAsync("show", _search, _fieldText);
        }
    }

    /// <summary>Told by the browser: somebody points at the list, moves in it by keyboard, or has scrolled down.</summary>
    [JSInvokable]
    public async Task HandsOn(bool on)
    {
        _handsOn = on;
        if (!on && _lines.Waiting > 0)
        {
            await SettleAsync();
            StateHasChanged();
        }
    }

    /// <summary>Told by the browser once a person pauses in typing; what stands in the field is theirs and is never written over.</summary>
    [JSInvokable]
    public void Typed(string text)
    {
        _fieldText = text;
        if (text != (Text ?? ""))
        {
            Narrow("q", text);
        }
    }

    private void Choose(string id)
    {
        if (!_chosen.Remove(id))
        {
            _chosen.Add(id);
        }
    }

    private void ChooseAll(ChangeEventArgs e)
    {
        _chosen.Clear();
        if (e.Value is true)
        {
            _chosen.UnionWith(_lines.Lines.Select(l => l.Id));
        }
    }

    /// <summary>One reason for all; each is ordered by itself, and those that could not be are named and stay chosen.</summary>
    private async Task OrderAsync(ControlKind kind)
    {
        var word = kind == ControlKind.Stop ? "Stop" : "Pause";
        var reason = await Deeds.AskAsync(
            $"{word} {Figures.Count(_chosen.Count)} sessions?", kind == ControlKind.Stop ? "Their agents are told to stop for good; nothing they ask for is let go any more." : "Their agents are told to wait; nothing they ask for is let go until they are resumed.",
            word, required: true, colour: kind == ControlKind.Stop ? MudBlazor.Color.Error : MudBlazor.Color.Primary);
        if (reason is null)
        {
            return;
        }

        var refused = new List<string>();
        var done = 0;
        foreach (var id in _chosen.ToList())
        {
            try
            {
                await Control.HandleAsync(await Caller.GetAsync(), id, kind, reason, null, null, CancellationToken.None);
                _chosen.Remove(id);
                done++;
            }
            catch (Refusal refusal)
            {
                refused.Add($"{id}: {refusal.Message}");
            }
        }

        await Deeds.TryAsync(
            $"Ordered for {Figures.Count(done)} sessions.",
            () => refused.Count == 0 ? Task.CompletedTask : throw Refusal.Conflict($"Ordered for {Figures.Count(done)} sessions; not for {Figures.Count(refused.Count)}: {string.Join("; ", refused.Take(3))}"));
        await RefreshAsync();
    }

    private async Task SaveViewAsync()
    {
        if (await Deeds.TryAsync("The view is saved.", async () => await Views.SaveAsync(await Caller.GetAsync(), _viewName, new Uri(Navigation.Uri).Query.TrimStart('?'), CancellationToken.None)))
        {
            _viewName = "";
            await RefreshAsync();
        }
    }

    private async Task RemoveViewAsync(string name)
    {
        await Views.RemoveAsync(await Caller.GetAsync(), name, CancellationToken.None);
        await RefreshAsync();
    }

    private Task SettleAsync()
    {
        _settle = true;
        return RefreshAsync();
    }

    private Task MoreAsync()
    {
        _most += Portion;
        return SettleAsync();
    }

    private void Narrow(string name, object? value)
    {
        var text = value as string;
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrWhiteSpace(text) ? null : text), replace: true);
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        try
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("forget", _list);
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone.
        }

        _self?.Dispose();
    }
}
