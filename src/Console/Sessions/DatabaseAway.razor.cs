using System.Globalization;
using System.Security.Claims;
using Handrail.Access;
using Handrail.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Handrail.Sessions;

/// <summary>Says that the database can't be asked, shows what this console holds meanwhile, and lets on-call stop the fleet from wherever they are.</summary>
public partial class DatabaseAway
{
    private const int MostShown = 5;

    private IReadOnlyList<LatchedOrder> _orders = [];
    private bool _mayControl;
    private Viewer? _followed;

    [Inject]
    public required OrderLatch Latch { get; set; }

    [Inject]
    public required PageOrders Orders { get; set; }

    [CascadingParameter]
    public Viewer? Viewer { get; set; }

    [CascadingParameter]
    public Task<AuthenticationState>? Authentication { get; set; }

    private ControlState Fleet => Latch.State(null);

    protected override void OnInitialized()
    {
        Latch.Latched += OrdersChanged;
        Latch.Released += OrdersChanged;
        if (Viewer is not null)
        {
            _followed = Viewer;
            Viewer.FreshnessChanged += Redraw;
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        if (Authentication is not null)
        {
            // Without the database nobody knows whose agents are of which team: whose roles are limited sees the fleet's orders and their own.
            var caller = CurrentCaller.Of((await Authentication).User);
            _mayControl = caller?.May(Permission.Control) == true;
            _orders = caller is null ? [] : caller.May(Permission.View) ? Latch.Orders : [.. Latch.Orders.Where(o => o.Scope == Scopes.Fleet || o.By.Id == caller.Id)];
        }
    }

    public void Dispose()
    {
        Latch.Latched -= OrdersChanged;
        Latch.Released -= OrdersChanged;
        if (_followed is not null)
        {
            _followed.FreshnessChanged -= Redraw;
        }

        GC.SuppressFinalize(this);
    }

    private static string Subject(LatchedOrder order) => order.SessionId is { } session ? $"Session {session}" : order.ForAgent is { } agent ? $"Agent {agent}" : "The fleet";

    private string Clock(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Viewer?.Zone ?? TimeZoneInfo.Utc).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private void OrdersChanged(LatchedOrder order) => Redraw();

    /// <summary>From whatever thread it is told.</summary>
    private void Redraw() => _ = InvokeAsync(async () =>
    {
        await OnParametersSetAsync();
        StateHasChanged();
    });
}
