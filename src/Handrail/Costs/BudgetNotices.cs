using System.Globalization;
using Handrail.Notify;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Costs;

/// <summary>What is told of a budget that has come to a mark.</summary>
internal static class BudgetNotices
{
    /// <param name="first">The period's first day.</param>
    /// <param name="reached">In percent: 80, or 100 for all of it.</param>
    public static Notice Of(SpendBudget budget, DateOnly first, decimal spent, int reached)
    {
        var notice = Notices.New(NoticeKind.BudgetReached, FormattableString.Invariant($"budget:{(budget.Agent is null ? Scopes.Fleet : Scopes.Agent(budget.Agent))}:{budget.Period.Text()}:{first:yyyy-MM-dd}"));
        notice.Severity = reached >= 100 ? NoticeSeverity.Error : NoticeSeverity.Warning;
        notice.Agent = budget.Agent;
        notice.Subject = budget.Period == SpendPeriod.Day ? "daily budget" : "monthly budget";
        notice.Outcome = reached >= 100 ? "spent" : "nearly_spent";
        notice.Figure = string.Create(
            CultureInfo.InvariantCulture,
            $"{spent:#,0.00} of {budget.Usd:#,0.00} USD ({decimal.Floor(spent * 100 / budget.Usd):0} %) {(budget.Period == SpendPeriod.Day ? $"on {first:yyyy-MM-dd}" : $"in {first:MMMM yyyy}")}");
        return notice;
    }
}
