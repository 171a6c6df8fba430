using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>The fleet on a display that hangs on a wall: few figures, to be read from five metres, nothing to press, and never old ones that look current.</summary>
public partial class FleetWall
{
    /// <summary>A page reads again every five seconds by itself: older figures mean that something is wrong.</summary>
    private static readonly TimeSpan Old = TimeSpan.FromSeconds(15);

    /// <summary>The address's parameter that asks for it.</summary>
    public const string InQuery = "wall";

    /// <summary>As many agents as fit in letters of that size.</summary>
    private const int MostAgents = 6;

    /// <summary>Null until the first reading.</summary>
    [Parameter, EditorRequired]
    public required FleetReading? Fleet { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    /// <summary>The last reading could not be taken.</summary>
    [Parameter]
    public bool Failed { get; set; }

    [CascadingParameter]
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>True when the address asks for the display.</summary>
    public static bool IsAsked(string? wall) => wall is "1" or "true";

    private bool IsOld => Fleet is { } fleet && (Failed || Now - fleet.At > Old);

    private string Clock(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Those that somebody has to look at first: held, silent or lost sessions, many failures, then the dearest.</summary>
    private static List<AgentCard> Foremost(FleetReading fleet) =>
    [
        .. fleet.Agents.OrderByDescending(a => a.Held is not null).ThenByDescending(a => a.In(SessionState.Stopping) + a.AreAt(SessionActivity.Silent) + a.In(SessionState.Lost))
            .ThenByDescending(a => a.BurnNanos).ThenByDescending(a => a.In(SessionState.Running)).ThenBy(a => a.Agent, StringComparer.OrdinalIgnoreCase).Take(MostAgents),
    ];

    /// <summary>What there is to do, the gravest first; the one line that everybody in the room reads.</summary>
    private static (string Text, Tone Tone) Headline(FleetReading fleet) => fleet switch
    {
        { Held: { State: ControlState.Stopped } } => ("The fleet is stopped", Tone.Bad),
        { Held: not null } => ("The fleet is paused", Tone.Bad),
        { NotObeyed.Count: > 0 } => (fleet.NotObeyed.Count == 1 ? "An order is not obeyed" : $"{Figures.Count(fleet.NotObeyed.Count)} orders are not obeyed", Tone.Bad),
        { Tripped: > 0 } => (fleet.Tripped == 1 ? "A breaker has tripped" : $"{Figures.Count(fleet.Tripped)} breakers have tripped", Tone.Bad),
        _ when FleetWords.Against(fleet.BurnNanos, fleet.HourlyLimitUsd) is not Tone.Neutral and var tone => ("The burn is near its limit", tone),
        _ when fleet.Agents.Count(a => a.Held is not null) is > 0 and var held => (held == 1 ? $"Agent {fleet.Agents.First(a => a.Held is not null).Agent} is held" : $"{Figures.Count(held)} agents are held", Tone.Warning),
        _ when fleet.SwitchedOff.Count > 0 => (fleet.SwitchedOff.Count == 1 ? $"{fleet.SwitchedOff[0].Tool ?? fleet.SwitchedOff[0].Type} is switched off" : $"{Figures.Count(fleet.SwitchedOff.Count)} tools or types are switched off", Tone.Warning),
        _ when fleet.AreAt(SessionActivity.Silent) is > 0 and var silent => (silent == 1 ? "A session may be stuck" : $"{Figures.Count(silent)} sessions may be stuck", Tone.Warning),
        { OpenHandoffs: > 0 } => (fleet.OpenHandoffs == 1 ? "One handoff waits" : $"{Figures.Count(fleet.OpenHandoffs)} handoffs wait", Tone.Warning),
        { Untouched: true } => ("Nothing has come in yet", Tone.Neutral),
        _ => ("All is well", Tone.Good),
    };

    private static Tone If(bool on, Tone tone) => on ? tone : Tone.Neutral;
}
