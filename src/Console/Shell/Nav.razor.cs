using Handrail.Access;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Shell;

/// <summary>The way between pages: a rail beside them, or a bar under the thumb on a phone.</summary>
public partial class Nav
{
    private static readonly Place[] Places =
    [
        new("Fleet", "/", Icons.Material.Outlined.SpaceDashboard, Permission.View),
        new("Sessions", "/sessions", Icons.Material.Outlined.FormatListBulleted, Permission.View),
        new("Inbox", "/inbox", Icons.Material.Outlined.Inbox, Permission.View),
        new("Autonomy", "/autonomy", Icons.Material.Outlined.Tune, Permission.View),
        new("Agents", "/agents", Icons.Material.Outlined.SmartToy, Permission.View),
        new("Telemetry", "/telemetry", Icons.Material.Outlined.Sensors, Permission.View),
        new("Settings", "/settings", Icons.Material.Outlined.Settings, Permission.Administer),
        new("Audit", "/audit", Icons.Material.Outlined.ReceiptLong, Permission.ReadAudit),
    ];

    /// <summary>What the person may do; pages they may not see are not offered.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlySet<Permission> Permissions { get; set; }

    private IEnumerable<Place> Shown => Places.Where(p => Permissions.Contains(p.Needs));

    private sealed record Place(string Name, string Path, string Icon, Permission Needs);
}
