using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Actions;

/// <summary>What became of an action: decided by policy or a person, and carried out or not.</summary>
public partial class StatusBadge
{
    [Parameter, EditorRequired]
    public required ActionStatus Status { get; set; }

    /// <summary>Decided is not done: what is known of the carrying out.</summary>
    [Parameter]
    public ActionExecution Execution { get; set; }

    /// <summary>It was let go, and its time went by with nobody carrying it out.</summary>
    [Parameter]
    public bool Lapsed { get; set; }

    private (string Word, Tone Tone, string Icon, string Meaning) Look => (Status, Execution) switch
    {
        (_, ActionExecution.Succeeded) => ("Done", Tone.Good, Icons.Material.Filled.DoneAll, "The agent reported that it succeeded."),
        (_, ActionExecution.Failed) => ("Failed", Tone.Bad, Icons.Material.Filled.ErrorOutline, "The agent reported that it failed."),
        (_, ActionExecution.Claimed) => ("Under way", Tone.Info, Icons.Material.Filled.PlayArrow, "Claimed to be carried out; no result yet."),
        (_, ActionExecution.Unknown) => ("Unknown", Tone.Bad, Icons.Material.Filled.QuestionMark, "Claimed to be carried out and never reported."),
        (ActionStatus.Approved, _) when Lapsed => ("Approved, never started", Tone.Neutral, Icons.Material.Filled.TimerOff, "A person approved it; nobody claimed or reported it before its time was over."),
        (ActionStatus.Allowed, _) when Lapsed => ("Never started", Tone.Neutral, Icons.Material.Filled.TimerOff, "Allowed; nobody claimed or reported it before its time was over."),
        (ActionStatus.Allowed, _) => ("Not started", Tone.Neutral, Icons.Material.Filled.Schedule, "Allowed; nobody has reported that it was carried out."),
        (ActionStatus.Approved, _) => ("Approved, not started", Tone.Neutral, Icons.Material.Filled.Schedule, "A person approved it; nobody has reported that it was carried out."),
        (ActionStatus.Pending, _) => ("Waiting", Tone.Warning, Icons.Material.Filled.HourglassTop, "A person owes an answer."),
        (ActionStatus.Rejected, _) => ("Rejected", Tone.Bad, Icons.Material.Filled.ThumbDown, "A person rejected it."),
        (ActionStatus.TakenOver, _) => ("Taken over", Tone.Info, Icons.Material.Filled.BackHand, "A person does it instead."),
        (ActionStatus.Expired, _) => ("Expired", Tone.Neutral, Icons.Material.Filled.TimerOff, "Nobody answered in time."),
        (ActionStatus.Cancelled, _) => ("Cancelled", Tone.Neutral, Icons.Material.Filled.Close, "Void: stopped, taken over or held back by a newer policy before it was carried out."),
        (ActionStatus.Shadowed, _) => ("Recorded", Tone.Info, Icons.Material.Filled.VisibilityOff, "Recorded and not done."),
        (ActionStatus.Stopped, _) => ("Refused", Tone.Bad, Icons.Material.Filled.Stop, "Refused, and the session ends."),
        _ => ("Refused", Tone.Bad, Icons.Material.Filled.Block, "Policy refused it."),
    };
}
