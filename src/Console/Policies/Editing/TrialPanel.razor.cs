using Microsoft.AspNetCore.Components;

namespace Handrail.Policies.Editing;

/// <summary>Tries a layer on an action: its fields, the verdict with every reason, and actions of the past to begin with.</summary>
public partial class TrialPanel
{
    private string? _id;
    private string? _foundFor;

    [Parameter, EditorRequired]
    public required TrialDesk Desk { get; set; }

    [Parameter, EditorRequired]
    public required AutonomyReading Reading { get; set; }

    [Parameter, EditorRequired]
    public required string Scope { get; set; }

    [Parameter, EditorRequired]
    public required RulesDraft Draft { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    /// <summary>Looks for actions of the past: of a session or an id, or the newest.</summary>
    [Parameter]
    public EventCallback<string?> Find { get; set; }

    [Parameter]
    public EventCallback<PastActionRow> Pick { get; set; }

    private TrialAction Action => Desk.Action;

    protected override async Task OnParametersSetAsync()
    {
        if (_foundFor != Scope)
        {
            _foundFor = Scope;
            await Find.InvokeAsync(Desk.Id);
        }
    }

    private string? Error(string name) => Action.Errors.GetValueOrDefault(name);
}
