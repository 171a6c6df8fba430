using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>What layers say of an action that is tried.</summary>
/// <param name="Decision">The verdict and every reason.</param>
/// <param name="Untouched">Budgets that nothing is known of and that count as not yet used.</param>
public sealed record Trial(PolicyDecision Decision, IReadOnlyList<BudgetKey> Untouched)
{
    public static Trial Of(IReadOnlyList<PolicyLayer> layers, ActionRequest action, SessionFacts facts, DateTimeOffset at)
    {
        var untouched = Gate.BudgetsFor(layers, action, facts.SessionId, at).Where(budget => !facts.BudgetUsed.ContainsKey(budget)).Distinct().ToList();
        var known = new Dictionary<BudgetKey, decimal>(facts.BudgetUsed);
        untouched.ForEach(budget => known[budget] = 0);
        return new Trial(Gate.Decide(layers, action, facts with { BudgetUsed = known }, at), untouched);
    }
}
