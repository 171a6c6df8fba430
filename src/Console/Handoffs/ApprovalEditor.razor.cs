using Microsoft.AspNetCore.Components;

namespace Handrail.Handoffs;

/// <summary>Changes a proposed action before it is approved, and shows what is changed.</summary>
public partial class ApprovalEditor
{
    private ElementReference? _first;

    [Parameter, EditorRequired]
    public required HandoffAnswer Handoff { get; set; }

    [Parameter, EditorRequired]
    public required ApprovalDraft Draft { get; set; }

    [Parameter]
    public EventCallback Typed { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _first is { Context: not null } first)
        {
            await first.FocusAsync();
        }
    }

    private Task SetAmount(ChangeEventArgs change)
    {
        Draft.AmountText = change.Value as string ?? "";
        return Typed.InvokeAsync();
    }
}
