using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>An amount held under a limit's <c>max_total</c> by one action.</summary>
public sealed record BudgetHold(string Key, decimal Amount, string Currency);

/// <summary>Budgets of limits, taken and given back in the transaction of the decision they belong to.</summary>
internal static class Budgets
{
    public static async Task TakeAsync(UnitOfWork unit, IReadOnlyList<BudgetHold> holds, CancellationToken cancel)
    {
        // In one order, so that two decisions over the same budgets can't wait for one another.
        foreach (var hold in holds.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            var budget = await unit.Db.Budgets.Where(b => b.Key == hold.Key).ForUpdate().SingleOrDefaultAsync(cancel);
            if (budget is null)
            {
                unit.Db.Budgets.Add(new Budget { Key = hold.Key, Reserved = hold.Amount, Currency = hold.Currency });
            }
            else
            {
                budget.Reserved += hold.Amount;
            }
        }
    }

    public static async Task GiveBackAsync(UnitOfWork unit, string? budgetsJson, CancellationToken cancel)
    {
        foreach (var hold in (JsonText.Read<List<BudgetHold>>(budgetsJson) ?? []).OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            var budget = await unit.Db.Budgets.Where(b => b.Key == hold.Key).ForUpdate().SingleOrDefaultAsync(cancel);
            if (budget is not null)
            {
                budget.Reserved -= hold.Amount;
            }
        }
    }
}
