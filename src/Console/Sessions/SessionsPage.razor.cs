using Handrail.Access;
using Handrail.Agents;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Handrail.Store;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.JSInterop;

namespace Handrail.Sessions;

/// <summary>Every session, live.</summary>
public sealed partial class SessionsPage : IAsyncDisposable
{
    private const int MostClimbs = 3;

    private SettledLines _lines = null!;
    private SessionFilter _filter = new();
    private SessionOrder _order;
    private List<string> _agents = [];
    private ElementReference _list;
    private Virtualize<SettledLine>? _rows;
    private IJSObjectReference? _module;
    private DotNetObjectReference<SessionsPage>? _self;
    private CancellationTokenSource _reading = new();
    private DateTimeOffset _asideAt;
    private bool _loaded;
    private bool _another = true;
    private bool _settle;
    private bool _toTop;
    private bool _handsOn;
    private bool _mayControl;
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private ManyOrders? _ordering;
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
    public required Brake Brake { get; set; }

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

    /// <summary>The user on whose behalf sessions work.</summary>
    [SupplyParameterFromQuery]
    public string? User { get; set; }

    /// <summary>A word of <see cref="SessionMark"/>.</summary>
    [SupplyParameterFromQuery]
    public string? Mark { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    /// <summary><c>asc</c> for the other way round.</summary>
    [SupplyParameterFromQuery]
    public string? Order { get; set; }

    /// <summary>A word of <see cref="SessionQuery.Spans"/>.</summary>
    [SupplyParameterFromQuery]
    public string? Since { get; set; }

    [SupplyParameterFromQuery(Name = "min_cost")]
    public string? MinCost { get; set; }

    private string Export => "/api/v1/export/sessions.csv" + new Uri(Navigation.Uri).Query;

    protected override void OnInitialized() => (_lines, _firstText, _fieldText) = (new SettledLines(Sessions, Time), Text, Text ?? "");

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Session, HintKind.Control);

    private string Found => !_loaded ? "" : _lines.Count == 1 ? "1 session" : $"{Figures.Count(_lines.Count)}{(_lines.More ? "+" : null)} sessions";

    protected override Task OnParametersSetAsync()
    {
        // Another view is read in its own order, whoever points at the old one; a reading of the old one is of no use any more.
        _filter = SessionQuery.Read(State, Agent, Text, Since, MinCost, User, Mark, Time.GetUtcNow());
        _order = SessionQuery.Order(Sort, Order);
        _another = true;
        _reading.Cancel();
        return base.OnParametersSetAsync();
    }

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        if (_reading.IsCancellationRequested)
        {
            _reading.Dispose();
            _reading = new CancellationTokenSource();
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _reading.Token);
        try
        {
            await ReadAsync(caller, either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Another view was asked for meanwhile, and is read next.
        }
    }

    private async Task ReadAsync(Caller caller, CancellationToken cancel)
    {
        if (!_loaded || Now - _asideAt >= OwnLook)
        {
            await ReadAsideAsync(caller, cancel);
        }

        _climbs = await Climbs.FastestAsync(caller, MostClimbs, cancel);
        var (another, settle) = (_another, _settle);
        (_another, _settle) = (false, false);
        try
        {
            await (another ? _lines.OpenAsync(caller, _filter, _order, BegunAsync, cancel)
                : settle ? _lines.SettleAsync(caller, cancel)
                : _lines.FollowAsync(caller, !_handsOn, cancel));
        }
        catch
        {
            // Still owed.
            (_another, _settle) = (_another || another, _settle || settle);
            throw;
        }

        _loaded = true;
        await RedrawAsync();
    }

    /// <summary>What seldom changes.</summary>
    private async Task ReadAsideAsync(Caller caller, CancellationToken cancel)
    {
        _mayControl = caller.MaySomewhere(Permission.Control);
        _views = await Views.ListAsync(caller, SavedView.Sessions, cancel);
        _agents = [.. (await Agents.ListAsync(caller, cancel)).Select(a => a.Agent)];
        _asideAt = Now;
    }

    private async Task BegunAsync()
    {
        (_loaded, _toTop) = (true, true);
        StateHasChanged();
        await RedrawAsync();
    }

    private Task RedrawAsync() => _rows?.RefreshDataAsync() ?? Task.CompletedTask;

    private async ValueTask<ItemsProviderResult<SettledLine>> RowsAsync(ItemsProviderRequest asked)
    {
        var rows = await _lines.AtAsync(await Caller.GetAsync(), asked.StartIndex, asked.Count, asked.CancellationToken);
        return new ItemsProviderResult<SettledLine>(rows, _lines.Count);
    }

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

        if (_toTop && _module is not null)
        {
            _toTop = false;
            await _module.InvokeVoidAsync("top", _list);
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
            _chosen.UnionWith(_lines.Ids);
        }
    }

    /// <summary>One reason for all; each is ordered by itself, and those that could not be are named and stay chosen.</summary>
    private async Task OrderAsync(ControlKind kind)
    {
        var words = OrderWords.ForMany(_chosen.Count, kind);
        if (kind == ControlKind.Stop)
        {
            words = words.Reaching(await Brake.ReachOfManyAsync(await Caller.GetAsync(), [.. _chosen]));
        }

        if (await Deeds.AskAsync(words.Question, words.Effect, words.Deed, required: true, colour: words.Colour) is not { } reason)
        {
            return;
        }

        var ordering = new ManyOrders(Brake, await Caller.GetAsync(), kind, reason, [.. _chosen]);
        _ordering = ordering;
        try
        {
            await ordering.RunAsync(Time, () => InvokeAsync(StateHasChanged));
        }
        finally
        {
            _ordering = null;
            _chosen.ExceptWith(ordering.Obeyed);
        }

        await Deeds.TryAsync(ordering.Said, () => ordering.Refused.Count == 0 ? Task.CompletedTask : throw Refusal.Conflict(ordering.Said));
        await RefreshAsync();
    }

    private async Task SaveViewAsync()
    {
        if (await Deeds.TryAsync("The view is saved.", async () => await Views.SaveAsync(await Caller.GetAsync(), SavedView.Sessions, _viewName, new Uri(Navigation.Uri).Query.TrimStart('?'), CancellationToken.None)))
        {
            _viewName = "";
            _views = await Views.ListAsync(await Caller.GetAsync(), SavedView.Sessions, CancellationToken.None);
        }
    }

    private async Task RemoveViewAsync(string name)
    {
        await Views.RemoveAsync(await Caller.GetAsync(), SavedView.Sessions, name, CancellationToken.None);
        _views = await Views.ListAsync(await Caller.GetAsync(), SavedView.Sessions, CancellationToken.None);
    }

    private Task SettleAsync()
    {
        _settle = true;
        return RefreshAsync();
    }

    private string? Sorted(SessionSort by) => _order.By != by ? null : _order.Ascending ? "ascending" : "descending";

    private void Reorder(SessionOrder order) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["sort"] = order.By.Text(), ["order"] = order.Ascending ? SessionQuery.Ascending : null }), replace: true);

    private void Narrow(string name, object? value)
    {
        var text = value as string;
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(name, string.IsNullOrWhiteSpace(text) ? null : text), replace: true);
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        _ordering?.Cancel();
        _reading.Dispose();
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
