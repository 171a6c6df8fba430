using Handrail.Sessions;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Shell.Display;

/// <summary>Where a session stands, and what one that runs is at, in a word, an icon and a colour.</summary>
public partial class StateChip
{
    [Parameter, EditorRequired]
    public required SessionState State { get; set; }

    /// <summary>What it is at, where that is known.</summary>
    [Parameter]
    public SessionActivity? Activity { get; set; }

    /// <summary>The state's word, for choices.</summary>
    public static string Word(SessionState state) => LookOf(state).Word;

    /// <summary>The activity's word, for counts.</summary>
    public static string Word(SessionActivity activity) => LookOf(activity)?.Word ?? activity.ToString();

    private (string Word, Tone Tone, string Icon, string Meaning) Look => (State == SessionState.Running && Activity is { } activity ? LookOf(activity) : null) ?? LookOf(State);

    private static (string Word, Tone Tone, string Icon, string Meaning)? LookOf(SessionActivity activity) => activity switch
    {
        SessionActivity.Working => ("Working", Tone.Good, Icons.Material.Filled.PlayArrow, "Something has come of it within the last minute."),
        SessionActivity.InCall => ("In a call", Tone.Info, Icons.Material.Filled.Sync, "Silent for over a minute, with a model or tool call open."),
        SessionActivity.OnChild => ("On its child", Tone.Info, Icons.Material.Filled.AccountTree, "Silent itself; a session that it started is under way."),
        SessionActivity.BetweenTurns => ("Between turns", Tone.Neutral, Icons.Material.Outlined.MoreHoriz, "Its last turn is complete; it waits for the next request."),
        SessionActivity.Silent => ("Silent", Tone.Warning, Icons.Material.Outlined.QuestionMark, "It runs, nothing has come of it for over a minute, and nothing is known that it waits for."),
        _ => null,
    };

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
