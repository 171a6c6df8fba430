using System.Security.Claims;
using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.JSInterop;

namespace Handrail.Shell;

/// <summary>Brand, navigation and the person's menu around every interactive page.</summary>
public sealed partial class MainLayout : IAsyncDisposable
{
    private readonly Viewer _viewer = new();
    private RenderFragment? _sign;
    private HashSet<Permission> _permissions = [];
    private bool _ownsTeam;
    private string? _name;
    private bool _bare;
    private ErrorBoundary? _boundary;
    private IJSObjectReference? _module;
    private DotNetObjectReference<Viewer>? _self;

    [Inject]
    public required IJSRuntime Script { get; set; }

    [Inject]
    public required NavigationManager Navigation { get; set; }

    [CascadingParameter]
    public Task<AuthenticationState>? Authentication { get; set; }

    protected override async Task OnParametersSetAsync()
    {
        // Another page: what went wrong on the last one does not concern it.
        _boundary?.Recover();

        // What hangs on a wall has nothing to press.
        _bare = new Uri(Navigation.Uri) is { AbsolutePath: "/" } address && FleetWall.IsAsked(QueryHelpers.ParseQuery(address.Query).GetValueOrDefault(FleetWall.InQuery));
        if (Authentication is not null)
        {
            var user = (await Authentication).User;
            var caller = CurrentCaller.Of(user);
            _permissions = caller is null ? [] : [.. Enum.GetValues<Permission>().Where(p => p is Permission.SeeHealth ? caller.May(p) : caller.MaySomewhere(p))];
            _ownsTeam = caller?.OwnTeams.Any() == true;
            _name = user.Identity?.Name;
            _sign = _permissions.Contains(Permission.View) ? Sign : null;
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _module = await Script.InvokeAsync<IJSObjectReference>("import", "./" + Assets["viewer.js"]);
            _self = DotNetObjectReference.Create(_viewer);
            _viewer.SetZone(await _module.InvokeAsync<string?>("watch", _self));
            StateHasChanged();
        }
        catch (JSDisconnectedException)
        {
            // The tab is gone already.
        }
    }

    private static readonly RenderFragment Sign = builder =>
    {
        builder.OpenComponent<WaitingSign>(0);
        builder.CloseComponent();
    };

    private void Recover() => _boundary?.Recover();

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("forget");
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // Nothing left to clean up on the other side.
        }

        _self?.Dispose();
    }
}
