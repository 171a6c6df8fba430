using Handrail.Telemetry;
using MudBlazor;

namespace Handrail.Sessions;

/// <summary>How a kind of step is shown: a word, an icon and a colour of its own.</summary>
public static class StepLook
{
    public static (string Word, string Icon, string Class) Of(StepKind kind) => kind switch
    {
        StepKind.Llm => ("Model", Icons.Material.Outlined.Psychology, "llm"),
        StepKind.Tool => ("Tool", Icons.Material.Outlined.Build, "tool"),
        StepKind.Agent => ("Agent", Icons.Material.Outlined.SmartToy, "agent"),
        StepKind.Handoff => ("Handoff", Icons.Material.Outlined.SwapHoriz, "handoff"),
        StepKind.Retrieval => ("Retrieval", Icons.Material.Outlined.Search, "retrieval"),
        StepKind.Embedding => ("Embedding", Icons.Material.Outlined.ScatterPlot, "retrieval"),
        StepKind.Guardrail => ("Guardrail", Icons.Material.Outlined.Shield, "guardrail"),
        StepKind.Workflow => ("Workflow", Icons.Material.Outlined.AccountTree, "other"),
        StepKind.Human => ("Person", Icons.Material.Outlined.Person, "human"),
        _ => ("Other", Icons.Material.Outlined.MoreHoriz, "other"),
    };
}
