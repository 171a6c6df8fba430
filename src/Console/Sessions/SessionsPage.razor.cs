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

    [Inject]
    public required SessionQueries Sessions { get; set; }

    [Inject]
    public required AgentQueries Agents { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

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

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Session, HintKind.Control);

    private string Found => !_loaded ? "" : _lines.Lines.Count == 1 ? "1 session" : $"{Figures.Count(_lines.Lines.Count)}{(_more ? "+" : null)} sessions";

    protected override Task OnParametersSetAsync()
    {
        // Another view is read in its own order, whoever points at the old one.
        _filter = SessionQuery.Read(State, Agent, Text);
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
            await _module.InvokeVoidAsync("watch", _list, _self);
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
