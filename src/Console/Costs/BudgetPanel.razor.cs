using System.Globalization;
using Handrail.Access;
using Handrail.Shell;
using Handrail.Shell.Display;
using Microsoft.AspNetCore.Components;

namespace Handrail.Costs;

/// <summary>Budgets and how they stand; set, changed and removed with a reason by who may.</summary>
public partial class BudgetPanel
{
    private Rights? _rights;
    private string? _agent = "";
    private SpendPeriod _period = SpendPeriod.Month;
    private string? _usd;
    private string? _wrong;

    [Inject]
    public required SpendBudgets Command { get; set; }

    [Inject]
    public required CurrentCaller Caller { get; set; }

    [Inject]
    public required Deeds Deeds { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<BudgetReading> Budgets { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Agents { get; set; }

    [Parameter, EditorRequired]
    public required TimeZoneInfo Zone { get; set; }

    /// <summary>A budget was changed: what is shown is to be read again.</summary>
    [Parameter, EditorRequired]
    public required Func<Task> Changed { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _rights = await Caller.RightsAsync(CancellationToken.None);
        _agent = MaySet(null) ? _agent : Agents.FirstOrDefault(MaySet);
    }

    private void Change(SpendBudget budget) => (_agent, _period, _usd, _wrong) = (budget.Agent ?? "", budget.Period, budget.Usd.ToString(CultureInfo.InvariantCulture), null);

    private async Task SetAsync()
    {
        if (!decimal.TryParse(_usd, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var usd) || usd is <= 0 or > SpendBudgets.Most)
        {
            _wrong = $"The budget must be an amount above 0, such as 250.00, and at most {Figures.Usd(SpendBudgets.Most, 0)}.";
            return;
        }

        _wrong = null;
        var budget = new SpendBudget(string.IsNullOrEmpty(_agent) ? null : _agent, _period, usd);
        if (await Deeds.AskAsync($"Set the {CostWords.Name(budget)}?", $"{Figures.Usd(usd)} may be spent in each {_period.ToString().ToLowerInvariant()}. Nothing is halted by it.", "Set the budget") is { } reason
            && await Deeds.TryAsync("The budget is set.", async () => await Command.SetAsync(await Caller.GetAsync(), budget.Agent, budget.Period, usd, reason, CancellationToken.None)))
        {
            _usd = null;
            await Changed();
        }
    }

    private async Task RemoveAsync(SpendBudget budget)
    {
        if (await Deeds.AskAsync($"Remove the {CostWords.Name(budget)}?", $"Nobody is told any more when {Figures.Usd(budget.Usd)} are reached.", "Remove the budget") is { } reason
            && await Deeds.TryAsync("The budget is removed.", async () => await Command.SetAsync(await Caller.GetAsync(), budget.Agent, budget.Period, null, reason, CancellationToken.None)))
        {
            await Changed();
        }
    }

    private bool MaySetAny => _rights?.Caller.MaySomewhere(Permission.EditPolicy) == true;

    /// <param name="agent">Null for the fleet.</param>
    private bool MaySet(string? agent) => _rights?.Over(Permission.EditPolicy, agent) == true;

    private static string Wide(decimal share) => Math.Clamp(share * 100, 0, 100).ToString("0.##", CultureInfo.InvariantCulture);
}
