using Handrail.Shell.Display;
using MudBlazor;

namespace Handrail.Sessions;

/// <summary>What a person is to look at a session for, as its line in a list says it: in one line, the most pressing first.</summary>
/// <param name="Words">Null where nothing was noticed.</param>
/// <param name="Why">The same in whole sentences.</param>
public readonly record struct SessionMarks(string? Words, string? Why, string? Icon)
{
    public static SessionMarks Of(SessionLine line)
    {
        var marks = new List<(string Word, string Why, string Icon)>();
        if (line.Tripped)
        {
            marks.Add(("breaker", "A breaker has tripped over it.", Icons.Material.Outlined.ElectricBolt));
        }

        if (line.Disagrees)
        {
            marks.Add(("disagrees", "Its telemetry and the gate disagree.", Icons.Material.Outlined.CompareArrows));
        }

        if (line.PossibleBypasses > 0)
        {
            marks.Add((
                line.PossibleBypasses == 1 ? "bypass" : $"{Figures.Count(line.PossibleBypasses)} bypasses", "It may have gone around an action that was refused.", Icons.Material.Outlined.AltRoute));
        }

        return marks.Count == 0 ? default : new SessionMarks(string.Join(", ", marks.Select(m => m.Word)), string.Join(' ', marks.Select(m => m.Why)), marks[0].Icon);
    }
}
