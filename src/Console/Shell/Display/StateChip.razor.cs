using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Shell.Display;

/// <summary>Where a session stands, in a word, an icon and a colour.</summary>
public partial class StateChip
{
    [Parameter, EditorRequired]
    public required SessionState State { get; set; }

    /// <summary>The state's word, for choices.</summary>
    public static string Word(SessionState state) => LookOf(state).Word;

    private (string Word, Tone Tone, string Icon, string Meaning) Look => LookOf(State);

    private static (string Word, Tone Tone, string Icon, string Meaning) LookOf(SessionState state) => state switch
    {
        SessionState.Running => ("Running", Tone.Good, Icons.Material.Filled.PlayArrow, "The agent is at work."),
        SessionState.Waiting => ("Waiting", Tone.Warning, Icons.Material.Filled.HourglassTop, "A person owes an answer."),
        SessionState.Paused => ("Paused", Tone.Warning, Icons.Material.Filled.Pause, "Paused by a person or a breaker; every action is held."),
        SessionState.TakenOver => ("Taken over", Tone.Info, Icons.Material.Filled.BackHand, "A person has taken over from the agent."),
        SessionState.Stopping => ("Stopping", Tone.Bad, Icons.Material.Filled.PanTool, "Told to stop; the agent has not confirmed it yet."),
        SessionState.Stopped => ("Stopped", Tone.Bad, Icons.Material.Filled.Stop, "Stopped, and the agent confirmed it."),
        SessionState.Completed => ("Completed", Tone.Neutral, Icons.Material.Filled.Check, "The agent ended it."),
        SessionState.Failed => ("Failed", Tone.Bad, Icons.Material.Filled.ErrorOutline, "The agent ended it as failed."),
        SessionState.Abandoned => ("Abandoned", Tone.Neutral, Icons.Material.Filled.ExitToApp, "The agent ended it as abandoned."),
        _ => ("Lost", Tone.Bad, Icons.Material.Filled.SignalWifiOff, "Silent for longer than its agent's limit."),
    };
}
