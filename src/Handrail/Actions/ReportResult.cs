using System.Text.Json;
using Handrail.Access;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>What an agent reports of the carrying out.</summary>
public sealed record ActionResult(bool Succeeded, JsonElement? Output, string? Error);

/// <summary>Closes the loop: decided is not done, and this says what was done.</summary>
public sealed class ReportResult(HandrailStore store)
{
    /// <exception cref="Refusal">No such action, one that was never let go, or one that already has another result.</exception>
    public Task<GatedAction> HandleAsync(Caller caller, string sessionId, string actionId, ActionResult result, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        return store.WriteAsync(
            async unit =>
            {
                var action = await unit.Db.LockActionAsync(caller, sessionId, actionId, cancel);
                var outcome = result.Succeeded ? ActionExecution.Succeeded : ActionExecution.Failed;
                if (action.Execution == outcome)
                {
                    return action;
                }

                // One that was let go and then voided by a stop may have been under way: what became of it is to be known.
                var wasLetGo = action.Proceed || (action.Status == ActionStatus.Cancelled && action.Verdict == Verdict.Allow)
                    || (action.Status == ActionStatus.Cancelled && action.DecidedAt is not null && action.HandoffId is not null);
                if (!wasLetGo)
                {
                    throw Refusal.Conflict($"The action is {action.Status.Text()}: it was not to be carried out.", ActionAnswer.Of(action));
                }

                if (action.Execution is ActionExecution.Succeeded or ActionExecution.Failed)
                {
                    throw Refusal.Conflict($"The action was already reported as {action.Execution.Text()}.", ActionAnswer.Of(action));
                }

                action.Execution = outcome;
                action.ReportBy = null;
                action.ExecutedAt = unit.Now;
                action.OutputJson = result.Output?.GetRawText();
                action.Error = result.Error;
                if (!result.Succeeded)
                {
                    await Budgets.GiveBackAsync(unit, action.BudgetsJson, cancel);
                    action.BudgetsJson = null;
                }

                unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
                unit.Tell(HintKind.Session, action.SessionId);
                return action;
            },
            cancel);
    }
}

internal static class ActionRows
{
    /// <summary>The action, locked, when the caller may know of it.</summary>
    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public static async Task<GatedAction> LockActionAsync(this HandrailDb db, Caller caller, string sessionId, string actionId, CancellationToken cancel)
    {
        var session = await db.LockKnownSessionAsync(caller, sessionId, cancel);
        return await db.Actions.Where(a => a.SessionId == session.Id && a.ActionId == actionId).ForUpdate().SingleOrDefaultAsync(cancel)
            ?? throw Refusal.NotFound($"action '{actionId}' in session '{sessionId}'");
    }
}
