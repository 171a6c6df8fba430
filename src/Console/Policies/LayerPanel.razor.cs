using Handrail.Actions;
using Microsoft.AspNetCore.Components;

namespace Handrail.Policies;

/// <summary>One layer's sliders and limits, its draft and its history.</summary>
public partial class LayerPanel
{
    private string _add = "";

    /// <summary>Null for the fleet's layer.</summary>
    [Parameter]
    public string? Agent { get; set; }

    [Parameter, EditorRequired]
    public required LayerState Layer { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<AutonomyRow> Rows { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    /// <summary>Leads to the same page with this history shown, or hidden again.</summary>
    [Parameter, EditorRequired]
    public required string HistoryHref { get; set; }

    [Parameter]
    public PolicyDraft? Draft { get; set; }

    /// <summary>Amounts of the past of a row's type, in its limit's currency.</summary>
    [Parameter]
    public Func<AutonomyRow, ThresholdHistory?>? Amounts { get; set; }

    /// <summary>How far policy and people agree on a row's type.</summary>
    [Parameter]
    public Func<AutonomyRow, TypeExperience?>? ExperienceOf { get; set; }

    /// <summary>Makes the draft of a move that the evidence speaks for.</summary>
    [Parameter]
    public EventCallback<(LevelMove Move, string Type)> Follow { get; set; }

    /// <summary>Limits that people's decisions speak for.</summary>
    [Parameter]
    public IReadOnlyList<LimitOffer> Offers { get; set; } = [];

    /// <summary>The layer's budgets in their present periods.</summary>
    [Parameter]
    public IReadOnlyList<BudgetReading> Budgets { get; set; } = [];

    /// <summary>What the draft would have changed on actions of the past.</summary>
    [Parameter]
    public DraftPreview? Preview { get; set; }

    /// <summary>What became of the guarantees with the draft in force; null while that is not known.</summary>
    [Parameter]
    public IReadOnlyList<GuaranteeReading>? Proofs { get; set; }

    /// <summary>What publishing the draft would do beyond the layer itself.</summary>
    [Parameter]
    public string? Warning { get; set; }

    /// <summary>The layer's versions; null while they are not asked for.</summary>
    [Parameter]
    public VersionPage? History { get; set; }

    [Parameter]
    public bool MayEdit { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    [Parameter]
    public EventCallback<PolicyEdit> Moved { get; set; }

    [Parameter]
    public EventCallback Publish { get; set; }

    [Parameter]
    public EventCallback Discard { get; set; }

    [Parameter]
    public EventCallback Rebase { get; set; }

    [Parameter]
    public EventCallback<int> RollBack { get; set; }

    [Parameter]
    public EventCallback MoreHistory { get; set; }

    private string Subject => Agent ?? "the fleet";

    /// <summary>A type set apart keeps the level it has until its slider is moved.</summary>
    private async Task AddAsync()
    {
        var type = _add.Trim();
        if (type.Length > 0)
        {
            _add = "";
            await Moved.InvokeAsync(new LevelEdit(type, Policy.PolicyInForce.LevelFor(Draft?.Document ?? Layer.Rules, type)));
        }
    }
}
