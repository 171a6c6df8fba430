using Microsoft.AspNetCore.Components;

namespace Handrail.Sessions;

/// <summary>One agent on the Fleet page.</summary>
public partial class AgentTile
{
    [Parameter, EditorRequired]
    public required AgentCard Card { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    [Parameter]
    public bool MayControl { get; set; }

    [Parameter]
    public EventCallback<ControlKind> Order { get; set; }

    private string CallWord => Card.Speed is { OfTools: true } ? "tool" : "model";

    private string Id => $"agent-{Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(Card.Agent))}";
}
