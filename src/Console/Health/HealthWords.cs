using Handrail.Shell.Display;
using MudBlazor;

namespace Handrail.Health;

/// <summary>States of health in a word, a colour and a sign.</summary>
public static class HealthWords
{
    public static (string Word, Tone Tone, string Icon) Of(HealthState state) => state switch
    {
        HealthState.Fine => ("Fine", Tone.Good, Icons.Material.Outlined.Check),
        HealthState.Look => ("Look at it", Tone.Warning, Icons.Material.Outlined.Visibility),
        _ => ("Broken", Tone.Bad, Icons.Material.Outlined.ErrorOutline),
    };
}
