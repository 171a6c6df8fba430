using Handrail.Actions;
using Handrail.Live;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Grants;

/// <summary>
/// What nobody reports: an action claimed and never reported is unknown once its time is over, and what was let go and never claimed gives its
/// budget back. The times lie in the rows, so a restart loses none.
/// </summary>
public sealed class SettleExecutions(HandrailStore store, TimeProvider time)
{
    private const int MostAtOnce = 200;

    /// <returns>How many were dealt with.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var silent = await store.ReadAsync(
            db => db.Actions.Where(a => a.Execution == ActionExecution.Claimed && a.ReportBy <= now)
                .OrderBy(a => a.ReportBy).Take(MostAtOnce).Select(a => new { a.SessionId, a.ActionId }).ToListAsync(cancel),
            cancel);
        foreach (var action in silent)
        {
            await store.WriteAsync(unit => LoseSightAsync(unit, action.SessionId, action.ActionId, cancel), cancel);
        }

        // Of agents that claim what they carry out. With others, one that nobody claimed may have been done all the same, and its budget stays spent.
        var lapsed = await store.ReadAsync(
            db => (
                from agent in db.Agents
                from action in db.Actions
                where agent.ClaimsSince != null && action.Agent == agent.Name
                    && action.Execution == ActionExecution.None && action.Status == ActionStatus.Allowed && action.BudgetsJson != null
                    && action.ExpiresAt <= now && action.ExpiresAt >= agent.ClaimsSince && action.RequestedAt >= agent.ClaimsSince
                orderby action.ExpiresAt
                select new { action.SessionId, action.ActionId }).Take(MostAtOnce).ToListAsync(cancel),
            cancel);
        foreach (var action in lapsed)
        {
            await store.WriteAsync(unit => GiveBackAsync(unit, action.SessionId, action.ActionId, cancel), cancel);
        }

        return silent.Count + lapsed.Count;
    }

    private static async Task LoseSightAsync(UnitOfWork unit, string sessionId, string actionId, CancellationToken cancel)
    {
        var changed = await unit.Db.Actions
            .Where(a => a.SessionId == sessionId && a.ActionId == actionId && a.Execution == ActionExecution.Claimed && a.ReportBy <= unit.Now)
            .ExecuteUpdateAsync(set => set.SetProperty(a => a.Execution, ActionExecution.Unknown), cancel);
        if (changed > 0)
        {
            unit.Tell(HintKind.Action, Hint.ActionKey(sessionId, actionId));
            unit.Tell(HintKind.Session, sessionId);
        }
    }

    private static async Task GiveBackAsync(UnitOfWork unit, string sessionId, string actionId, CancellationToken cancel)
    {
        // The session first, as everybody does: a stop that voids the action at this moment gives its budget back too.
        await unit.Db.LockSessionAsync(sessionId, cancel);
        var action = await unit.Db.Actions.Where(a => a.SessionId == sessionId && a.ActionId == actionId).ForUpdate().SingleOrDefaultAsync(cancel);
        if (action?.BudgetsJson is null || !action.HasLapsed(unit.Now))
        {
            return;
        }

        await Budgets.GiveBackAsync(unit, action.BudgetsJson, cancel);
        action.BudgetsJson = null;
        unit.Tell(HintKind.Session, sessionId);
    }
}
