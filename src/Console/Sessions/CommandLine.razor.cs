using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Handrail.Sessions;

/// <summary>An order and how far it came: given is not obeyed.</summary>
public partial class CommandLine
{
    [Parameter, EditorRequired]
    public required CommandProgress Command { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    private string Word => Command.Kind switch
    {
        ControlKind.TakeOver => "Take over",
        ControlKind.HandBack => "Hand back",
        ControlKind.Disable => "Switch off",
        ControlKind.Enable => "Switch on",
        _ => Command.Kind.ToString(),
    };

    private string Subject => Command.Scope == Scopes.Fleet ? "the fleet" : Command.Scope.StartsWith("agent:", StringComparison.Ordinal) ? "the agent" : "this session";

    private (string Word, Tone Tone, string Icon, string Meaning) Look => Command.Progress switch
    {
        "requested" or "delivered" when Command.About is not null => ("In force", Tone.Info, Icons.Material.Filled.Done, "The gate of every process acts by it; the agent has nothing to confirm."),
        "acknowledged" => ("Acknowledged", Tone.Good, Icons.Material.Filled.DoneAll, "The agent confirmed that it obeyed."),
        "delivered" => ("Delivered", Tone.Info, Icons.Material.Filled.Done, "The agent was told; it has not confirmed yet."),
        "not_confirmed" => ("Not confirmed", Tone.Bad, Icons.Material.Filled.ErrorOutline, "The agent has not confirmed in time. The gate refuses or holds its actions all the same."),
        _ => ("Requested", Tone.Neutral, Icons.Material.Filled.Schedule, "Recorded; the agent has not fetched it yet. The gate already acts by it."),
    };
}
