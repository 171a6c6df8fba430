using Handrail.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using MudBlazor;

namespace Handrail.Shell;

/// <summary>The way between pages: a rail beside them, or a bar under the thumb on a phone with what does not fit behind its last entry.</summary>
public sealed partial class Nav
{
    /// <summary>What a phone's bar has room for at a width that a thumb hits, beside the entry that leads to the rest.</summary>
    private const int BarPlaces = 4;

    private static readonly Place[] Places =
    [
        new("Fleet", "/", Icons.Material.Outlined.SpaceDashboard, Permission.View),
        new("Sessions", "/sessions", Icons.Material.Outlined.FormatListBulleted, Permission.View),
        new("Inbox", "/inbox", Icons.Material.Outlined.Inbox, Permission.View),
        new("Alerts", "/alerts", Icons.Material.Outlined.NotificationsActive, Permission.View),
        new("Autonomy", "/autonomy", Icons.Material.Outlined.Tune, Permission.View),
        new("Rules", "/rules", Icons.Material.Outlined.Rule, Permission.View),
        new("Costs", "/costs", Icons.Material.Outlined.Payments, Permission.View),
        new("Quality", "/quality", Icons.Material.Outlined.FactCheck, Permission.View),
        new("Agents", "/agents", Icons.Material.Outlined.SmartToy, Permission.View),
        new("Telemetry", "/telemetry", Icons.Material.Outlined.Sensors, Permission.View),
        new("Health", "/settings/health", Icons.Material.Outlined.MonitorHeart, Permission.SeeHealth) { Unless = Permission.Administer },
        new("Settings", "/settings", Icons.Material.Outlined.Settings, Permission.Administer),
        new("Agent keys", "/settings/keys", Icons.Material.Outlined.Key, Permission.View) { Unless = Permission.Administer, ForOwners = true },
        new("Audit", "/audit", Icons.Material.Outlined.ReceiptLong, Permission.ReadAudit),
    ];

    private bool _open;

    [Inject]
    public required NavigationManager Navigation { get; set; }

    /// <summary>What the person may do; pages they may not see are not offered.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlySet<Permission> Permissions { get; set; }

    /// <summary>The person owns a team: its agent keys are theirs.</summary>
    [Parameter]
    public bool OwnsTeam { get; set; }

    /// <summary>Stands beside the way to the Inbox.</summary>
    [Parameter]
    public RenderFragment? InboxSign { get; set; }

    private List<Place> Shown { get; set; } = [];

    private int InBar => Shown.Count <= BarPlaces + 1 ? Shown.Count : BarPlaces;

    private List<Place> Rest => Shown[InBar..];

    protected override void OnParametersSet() => Shown = [.. Places.Where(p => Permissions.Contains(p.Needs) && (OwnsTeam || !p.ForOwners) && !(p.Unless is { } more && Permissions.Contains(more)))];

    protected override void OnInitialized() => Navigation.LocationChanged += Moved;

    public void Dispose() => Navigation.LocationChanged -= Moved;

    private bool IsHere(Place place) => ("/" + Navigation.ToBaseRelativePath(Navigation.Uri)).Split('?', '#')[0] is var path
        && (path == place.Path || path.StartsWith(place.Path + "/", StringComparison.Ordinal));

    private void Moved(object? sender, LocationChangedEventArgs e) => InvokeAsync(() =>
    {
        _open = false;
        StateHasChanged();
    });

    private sealed record Place(string Name, string Path, string Icon, Permission Needs)
    {
        /// <summary>Whoever may do this comes there by another place.</summary>
        public Permission? Unless { get; init; }

        /// <summary>For owners of a team alone.</summary>
        public bool ForOwners { get; init; }
    }
}
