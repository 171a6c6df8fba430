using System.Linq.Expressions;
using Handrail.Actions;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>
/// Stop beats approve: cancels what waits for a person, and voids what was let go or approved and not yet carried out, over a
/// session, an agent or the fleet. The session's row is to be locked, or its scope's.
/// </summary>
internal static class Voiding
{
    /// <returns>The sessions in which something waited for a person.</returns>
    public static async Task<IReadOnlyList<string>> CancelAsync(
        UnitOfWork unit, Expression<Func<GatedAction, bool>> actions, Expression<Func<Handoff, bool>> handoffs, string by, string why, CancellationToken cancel)
    {
        var waiting = await unit.Db.Actions.AsNoTracking().Where(actions)
            .Where(a => a.Status == ActionStatus.Pending
                || ((a.Status == ActionStatus.Approved || a.Status == ActionStatus.Allowed)
                    && a.Execution == ActionExecution.None && a.ExpiresAt != null && a.ExpiresAt > unit.Now))
            .Select(a => new { a.SessionId, a.ActionId, a.BudgetsJson }).ToListAsync(cancel);
        foreach (var action in waiting)
        {
            unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
            await Budgets.GiveBackAsync(unit, action.BudgetsJson, cancel);
        }

        await unit.Db.Actions.Where(actions)
            .Where(a => a.Status == ActionStatus.Pending)
            .ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Status, ActionStatus.Cancelled).SetProperty(a => a.DecidedBy, by)
                    .SetProperty(a => a.DecidedAt, unit.Now).SetProperty(a => a.Note, why),
                cancel);
        await unit.Db.Actions.Where(actions)
            .Where(a => (a.Status == ActionStatus.Approved || a.Status == ActionStatus.Allowed)
                && a.Execution == ActionExecution.None && a.ExpiresAt != null && a.ExpiresAt > unit.Now)
            .ExecuteUpdateAsync(
                set => set.SetProperty(a => a.Status, ActionStatus.Cancelled).SetProperty(a => a.Note, why).SetProperty(a => a.BudgetsJson, (string?)null),
                cancel);

        var open = await unit.Db.Handoffs.AsNoTracking().Where(handoffs).Where(h => h.Status == HandoffStatus.Open).Select(h => new { h.Id, h.SessionId }).ToListAsync(cancel);
        foreach (var handoff in open)
        {
            unit.Tell(HintKind.Handoff, handoff.Id);
        }

        await unit.Db.Handoffs.Where(handoffs).Where(h => h.Status == HandoffStatus.Open)
            .ExecuteUpdateAsync(
                set => set.SetProperty(h => h.Status, HandoffStatus.Cancelled).SetProperty(h => h.DecidedBy, by)
                    .SetProperty(h => h.DecidedAt, unit.Now).SetProperty(h => h.Decision, "cancel").SetProperty(h => h.Note, why)
                    .SetProperty(h => h.Version, h => h.Version + 1),
                cancel);
        if (open.Count > 0)
        {
            var cancelled = open.ConvertAll(h => h.Id);
            await Alerts.ResolveAsync(unit, a => a.HandoffId != null && cancelled.Contains(a.HandoffId), by, cancel);
        }

        return [.. open.Select(h => h.SessionId).Distinct(StringComparer.Ordinal)];
    }
}
