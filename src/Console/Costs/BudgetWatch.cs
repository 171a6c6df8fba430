using Handrail.Shell;

namespace Handrail.Costs;

/// <summary>Looks every minute whether a budget has come to a mark.</summary>
public sealed class BudgetWatch(SpendBudgets command, TimeProvider time, ILogger<BudgetWatch> log)
    : RegularWork(TimeSpan.FromMinutes(1), "Budgets", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => command.TellAsync(cancel);
}
