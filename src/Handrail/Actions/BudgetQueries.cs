using Handrail.Access;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>How much of a limit's <c>max_total</c> is left in the present period.</summary>
/// <param name="Scope">The layer that the limit stands in: <c>fleet</c> or <c>agent:NAME</c>.</param>
/// <param name="Limit">The limit's key in its layer, such as <c>expense.approve/meals</c>.</param>
/// <param name="Period">Such as <c>day:2026-01-31</c>.</param>
/// <param name="Spent">What was carried out, or is not to be had back.</param>
/// <param name="Held">What was let go and is still to be carried out or reported: it comes back if that fails, is voided or is left undone.</param>
/// <param name="Free">What may still go: nothing once the limit's last day is over.</param>
public sealed record BudgetReading(string Scope, string Limit, string Period, string Currency, decimal MaxTotal, decimal Spent, decimal Held, decimal Free)
{
    /// <summary>The action types covered; null for all.</summary>
    public string? Type { get; init; }

    public string? Category { get; init; }

    public string? Vendor { get; init; }

    /// <summary>The limit's last day, once it is over; null while it holds.</summary>
    public DateOnly? EndedOn { get; init; }
}

/// <summary>Budgets as they stand.</summary>
public sealed class BudgetQueries(HandrailStore store, PolicySnapshots snapshots, TimeProvider time)
{
    /// <param name="agent">Those that rule this agent; null for all of the fleet's and all agents' layers.</param>
    /// <param name="sessionId">With this session's, of limits that have one per session; null for none of those.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyList<BudgetReading>> ReadAsync(Caller caller, string? agent, string? sessionId, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<BudgetReading>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var now = time.GetUtcNow();
            var stacks = await LayerStacks.ReadAsync(db, snapshots, agent, cancel);
            var budgets = (
                from layer in stacks.Layers
                from budget in Gate.BudgetsOf(layer.Layer, sessionId, now)
                select (layer.Scope, budget.Limit, budget.Budget, budget.Holds, Name: ActionGate.BudgetName(budget.Budget, layer.Agent ?? ""))).ToList();
            if (budgets.Count == 0)
            {
                return [];
            }

            var names = budgets.ConvertAll(b => b.Name);
            var reserved = await db.Budgets.Where(b => names.Contains(b.Key)).ToDictionaryAsync(b => b.Key, b => b.Reserved, cancel);
            var held = await HeldAsync(db, now, cancel);
            return
            [
                .. budgets.Select(b =>
                {
                    var taken = reserved.GetValueOrDefault(b.Name);
                    var waits = Math.Min(taken, held.GetValueOrDefault(b.Name));
                    return new BudgetReading(b.Scope, b.Budget.Limit, b.Budget.Period, b.Limit.Currency!, b.Limit.MaxTotal!.Value, taken - waits, waits, b.Holds ? Math.Max(0, b.Limit.MaxTotal.Value - taken) : 0)
                    {
                        Type = b.Limit.Type,
                        Category = b.Limit.Category,
                        Vendor = b.Limit.Vendor,
                        EndedOn = b.Holds ? null : b.Limit.Until,
                    };
                }),
            ];
        },
        cancel);

    /// <summary>What is let go and still to be carried out, or under way, by the budget's name.</summary>
    private static async Task<Dictionary<string, decimal>> HeldAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        // Nothing waits for longer than it may be carried out.
        var since = now - ActionGate.CarryOutWithin;
        var waiting = await db.Actions
            .Where(a => a.RequestedAt >= since && a.Execution == ActionExecution.None && a.Status == ActionStatus.Allowed && a.BudgetsJson != null && a.ExpiresAt > now)
            .Select(a => a.BudgetsJson!).ToListAsync(cancel);
        var underWay = await db.Actions.Where(a => a.Execution == ActionExecution.Claimed && a.BudgetsJson != null).Select(a => a.BudgetsJson!).ToListAsync(cancel);
        return waiting.Concat(underWay).SelectMany(json => JsonText.Read<List<BudgetHold>>(json)!)
            .GroupBy(hold => hold.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(hold => hold.Amount), StringComparer.Ordinal);
    }
}
