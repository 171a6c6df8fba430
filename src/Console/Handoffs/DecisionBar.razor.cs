using Handrail.Agents;
using Microsoft.AspNetCore.Components;

namespace Handrail.Handoffs;

/// <summary>The buttons of a decision, where the thumb is on a phone.</summary>
public partial class DecisionBar
{
    private ElementReference _reason;
    private CardMode _drawn;

    [Parameter, EditorRequired]
    public required CardStanding Standing { get; set; }

    [Parameter, EditorRequired]
    public required CardDraft Draft { get; set; }

    [Parameter, EditorRequired]
    public required HandoffKind Kind { get; set; }

    /// <summary>What to choose from on rejecting, in the words of the agent's reviewers; empty where they have no list.</summary>
    [Parameter]
    public IReadOnlyList<RejectCode> RejectCodes { get; set; } = [];

    /// <summary>Why the last decision was refused.</summary>
    [Parameter]
    public string? Refused { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    [Parameter]
    public EventCallback Approve { get; set; }

    [Parameter]
    public EventCallback Reject { get; set; }

    [Parameter]
    public EventCallback Answer { get; set; }

    [Parameter]
    public EventCallback TakeOver { get; set; }

    /// <summary>The draft's mode changed.</summary>
    [Parameter]
    public EventCallback Turned { get; set; }

    /// <summary>There is nothing to approve: it is answered or declined.</summary>
    private bool Question => Kind is not (HandoffKind.Approval or HandoffKind.Sample);

    /// <summary>It has gone already, and is looked at afterwards.</summary>
    private bool Sample => Kind == HandoffKind.Sample;

    private bool Editing => Draft.Mode == CardMode.Editing;

    private string ApproveEdited => Draft.Approval.Changes.Count switch
    {
        0 => Sample ? "It was right" : "Approve as proposed",
        _ when Sample => "It should have been so",
        1 => "Approve with 1 change",
        var many => $"Approve with {many} changes",
    };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_drawn != Draft.Mode)
        {
            _drawn = Draft.Mode;
            if (Draft.Mode == CardMode.Rejecting && Standing.MayDecide)
            {
                await _reason.FocusAsync();
            }
        }
    }

    private Task Turn(CardMode mode)
    {
        if (mode == CardMode.Reading)
        {
            Draft.Cancel();
        }
        else
        {
            Draft.Mode = mode;
        }

        return Turned.InvokeAsync();
    }

    private void SetReason(ChangeEventArgs change) => Draft.Reason = change.Value as string ?? "";
}
