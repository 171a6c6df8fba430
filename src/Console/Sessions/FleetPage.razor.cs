using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Handrail.Store;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>The fleet at a glance, and its brake.</summary>
public partial class FleetPage
{
    private FleetReading? _fleet;
    private Rights? _rights;
    private bool _failed;

    [Inject]
    public required FleetBoard Board { get; set; }

    [Inject]
    public required PageOrders Orders { get; set; }

    [Inject]
    public required SwitchOrders Switch { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    /// <summary><c>1</c> for a display on a wall, which nobody touches.</summary>
    [SupplyParameterFromQuery]
    public string? Wall { get; set; }

    private bool OnWall => FleetWall.IsAsked(Wall);

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Session, HintKind.Handoff, HintKind.Control, HintKind.Agent, HintKind.Policy, HintKind.Notice);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        _rights = await Caller.RightsAsync(cancel);
        try
        {
            _fleet = await Board.ReadAsync(_rights.Caller, DayStart(), cancel);
            _failed = false;
        }
        catch (Exception e) when (OnWall && StorageFault.Is(e))
        {
            // Nobody is there to press "try again": the next look does.
            _failed = true;
        }
    }

    /// <param name="agent">Null for the fleet.</param>
    private bool MayControl(string? agent) => _rights?.Over(Permission.Control, agent) == true;

    /// <summary>Midnight where the person sits.</summary>
    private DateTimeOffset DayStart()
    {
        var zone = Viewer?.Zone ?? TimeZoneInfo.Utc;
        var today = TimeZoneInfo.ConvertTime(Now, zone).Date;
        return new DateTimeOffset(today, zone.GetUtcOffset(today));
    }

    private async Task OrderAsync(string? agent, ControlKind kind)
    {
        if (await Orders.ToScopeAsync(agent, kind))
        {
            await RefreshAsync();
        }
    }

    private async Task SwitchOffAsync()
    {
        await Switch.OffAsync();
        await RefreshAsync();
    }

    private async Task SwitchOnAsync(SwitchedOffReading off)
    {
        await Switch.OnAsync(off);
        await RefreshAsync();
    }
}
