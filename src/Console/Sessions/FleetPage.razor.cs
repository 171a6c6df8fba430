using Handrail.Access;
using Handrail.Live;
using Handrail.Shell;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>The fleet at a glance, and its brake.</summary>
public partial class FleetPage
{
    private FleetReading? _fleet;
    private bool _mayControl;

    [Inject]
    public required FleetQueries Fleet { get; set; }

    [Inject]
    public required ScopeOrders Orders { get; set; }

    [Inject]
    public required SwitchOff Switch { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    protected override LiveTopics Topics => LiveTopics.Every(HintKind.Session, HintKind.Handoff, HintKind.Control, HintKind.Agent, HintKind.Policy, HintKind.Notice);

    protected override async Task LoadAsync(CancellationToken cancel)
    {
        var caller = await Caller.GetAsync();
        _mayControl = caller.May(Permission.Control);
        _fleet = await Fleet.ReadAsync(caller, DayStart(), cancel);
    }

    private Tone Alert(SessionState state, Tone tone) => _fleet?.In(state) > 0 ? tone : Tone.Neutral;

    /// <summary>A state too rare for a tile of its own; nothing while no session is in it.</summary>
    private string? Beside(SessionState state, string word) => _fleet?.In(state) is > 0 and var count ? $"+{Figures.Count(count)} {word}" : null;

    /// <summary>Midnight where the person sits.</summary>
    private DateTimeOffset DayStart()
    {
        var zone = Viewer?.Zone ?? TimeZoneInfo.Utc;
        var today = TimeZoneInfo.ConvertTime(Now, zone).Date;
        return new DateTimeOffset(today, zone.GetUtcOffset(today));
    }

    private async Task OrderAsync(string? agent, ControlKind kind)
    {
        if (await Orders.GiveAsync(agent, kind))
        {
            await RefreshAsync();
        }
    }

    private async Task SwitchOffAsync()
    {
        var names = await Fleet.NamesInUseAsync(await Caller.GetAsync(), CancellationToken.None);
        if (await SwitchOffDialog.AskAsync(Deeds.Dialogs, names) is { } order)
        {
            await SwitchAsync(order.What, order.Name, order.Reason, off: true, $"Switched off: {order.What} {order.Name}.");
        }
    }

    private async Task SwitchOnAsync(SwitchedOffReading off)
    {
        var (what, word) = off.Tool is null ? (SwitchOff.Type, "action type") : (SwitchOff.Tool, "tool");
        var name = (off.Tool ?? off.Type)!;
        var reason = await Deeds.AskAsync(
            $"Switch on {word} {name}?", "The policy decides on it again. What was cancelled or made void stays so; agents ask anew.", "Switch on");
        if (reason is not null)
        {
            await SwitchAsync(what, name, reason, off: false, $"Switched on: {word} {name}.");
        }
    }

    private async Task SwitchAsync(string what, string name, string reason, bool off, string done)
    {
        await Deeds.TryAsync(done, async () => await Switch.HandleAsync(await Caller.GetAsync(), what, name, reason, off, CancellationToken.None));
        await RefreshAsync();
    }
}
