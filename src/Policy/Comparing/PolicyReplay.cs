using System.Runtime.InteropServices;

namespace Handrail.Policy;

/// <summary>
/// Decides anew on actions of the past, in the order in which they were asked. Budgets go by what was recorded of them; those that nothing was recorded of, such as a draft's
/// new ones, by what the replay itself has let go under them.
/// </summary>
public sealed class PolicyReplay
{
    /// <summary>Budgets of the fleet's layer are shared by all agents, those of an agent's layer are its own.</summary>
    private readonly Dictionary<(string? Agent, BudgetKey Budget), decimal> _used = [];

    /// <summary>What these layers say of an action, its session and the moment as they were.</summary>
    public PolicyDecision Decide(IReadOnlyList<PolicyLayer> layers, RecordedAction recorded)
    {
        var facts = WithBudgets(layers, recorded);
        var decision = Gate.Decide(layers, recorded.Action, facts, recorded.At).DeniedFor(recorded.Denied);
        foreach (var reservation in decision.Reservations)
            CollectionsMarshal.GetValueRefOrAddDefault(_used, Owned(reservation.Budget, recorded), out _) += reservation.Amount;
        return decision;
    }

    private SessionFacts WithBudgets(IReadOnlyList<PolicyLayer> layers, RecordedAction recorded)
    {
        var facts = recorded.Facts;
        Dictionary<BudgetKey, decimal>? all = null;
        foreach (var budget in Gate.BudgetsFor(layers, recorded.Action, facts.SessionId, recorded.At))
        {
            if (facts.BudgetUsed.ContainsKey(budget)) continue;
            all ??= new(facts.BudgetUsed);
            all[budget] = _used.GetValueOrDefault(Owned(budget, recorded));
        }

        return all is null ? facts : facts with { BudgetUsed = all };
    }

    private static (string? Agent, BudgetKey Budget) Owned(BudgetKey budget, RecordedAction recorded) =>
        (budget.Scope == PolicyLayer.Agent ? recorded.Action.Agent : null, budget);
}
