using Handrail.Policy;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Actions;

/// <summary>What policy said of an action.</summary>
public partial class VerdictBadge
{
    [Parameter, EditorRequired]
    public required Verdict Verdict { get; set; }

    private (string Word, Tone Tone, string Icon, string Meaning) Look => Verdict switch
    {
        Verdict.Allow => ("Allow", Tone.Good, Icons.Material.Filled.Check, "Policy let it go."),
        Verdict.Review => ("Review", Tone.Warning, Icons.Material.Filled.HourglassTop, "Policy sent it to a person."),
        Verdict.Shadow => ("Shadow", Tone.Info, Icons.Material.Filled.VisibilityOff, "Recorded and not to be done."),
        Verdict.Deny => ("Deny", Tone.Bad, Icons.Material.Filled.Block, "Policy refused it."),
        _ => ("Stop", Tone.Bad, Icons.Material.Filled.Stop, "Refused, and the session ends."),
    };
}
