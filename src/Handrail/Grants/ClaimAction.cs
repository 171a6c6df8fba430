using Handrail.Access;
using Handrail.Actions;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Grants;

/// <summary>
/// Whoever carries an action out claims it first, with its grant or by its name: one claim ever succeeds. It meets stops, take-overs and
/// publishes on the same rows as they do, so that nothing is claimed after one of them has been answered. The same claim sent again, because
/// its answer was lost, is answered again: a claim is the same when its claimant gave it the same id.
/// </summary>
public sealed class ClaimAction(HandrailStore store, ActionGate gate, GrantTokens tokens, GrantSettings settings, OrderLatch latch, TimeProvider time)
{
    private const string Stopped = "The session, its agent or the fleet is stopped: nothing goes any more.";

    /// <summary>Claims by the action's name: an agent that carries it out itself.</summary>
    /// <param name="claimId">The claimant's own id of this claim; null when it can't tell whether it claimed before.</param>
    /// <exception cref="Refusal">No such action, not for this key, claimed or done already, void, over, or held.</exception>
    public Task<GatedAction> HandleAsync(Caller caller, string sessionId, string actionId, string? claimId, CancellationToken cancel) =>
        ClaimAsync(caller, sessionId, actionId, null, claimId, cancel);

    /// <summary>Claims by a grant: the system that carries the action out, whoever asks it to.</summary>
    /// <param name="claimId">As for a claim.</param>
    /// <exception cref="Refusal">As for a claim; or the grant is none of ours, has expired, or is for what a person has changed since.</exception>
    public async Task<GatedAction> RedeemAsync(Caller caller, string token, string? claimId, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        var grant = await tokens.ReadAsync(token, cancel);
        return await ClaimAsync(caller, grant.SessionId, grant.ActionId, grant, claimId, cancel);
    }

    private async Task<GatedAction> ClaimAsync(Caller caller, string sessionId, string actionId, Grant? grant, string? claimId, CancellationToken cancel)
    {
        caller.Demand(Permission.ActAsAgent);
        var (claimedIn, action, isNew, refusal) = await store.WriteAsync(
            async unit =>
            {
                var (session, action, versions) = await LockAsync(unit, caller, sessionId, actionId, cancel);
                caller.DemandAgent(action.Agent);
                if (grant is not null && grant.Jti != Grant.IdOf(grant.SessionId, action, Grant.DigestOf(action)))
                {
                    throw Refused(action, unit.Now, "The grant is for another decision than the one that now stands: a person has changed it since.");
                }

                // Beside the session's own state: an agent may act in a session of another one that is held.
                var again = claimId is not null && action.Execution == ActionExecution.Claimed && action.ClaimId == claimId && action.ClaimedBy == caller.Name;
                var orders = await ControlQueries.ScopeStatesAsync(unit.Db, action.Agent, session.Agent, cancel);
                Demand(session, action, again, [.. orders, Latched(session, action)], unit.Now);
                if (again)
                {
                    return (session, action, false, (Refusal?)null);
                }

                var approvals = action.Status == ActionStatus.Approved ? await ApprovalsAsync(unit, action, cancel) : 0;
                if (await gate.HeldBackAsync(unit, session, action, approvals, versions, cancel) is { } why)
                {
                    // Committed, and refused only then: what is void stays void.
                    await VoidAsync(unit, action, $"The policy in force holds it back: {why}", cancel);
                    return (session, action, false, Refused(action, unit.Now, $"The action is void. {action.Note}"));
                }

                store.Audit.Demand();

                // The row is locked; the condition holds even where a lock would not.
                var claimed = await unit.Db.Actions
                    .Where(a => a.SessionId == action.SessionId && a.ActionId == action.ActionId && a.Execution == ActionExecution.None && a.Status == action.Status)
                    .ExecuteUpdateAsync(
                        set => set.SetProperty(a => a.Execution, ActionExecution.Claimed).SetProperty(a => a.ClaimedAt, unit.Now)
                            .SetProperty(a => a.ClaimedBy, caller.Name).SetProperty(a => a.ClaimId, claimId).SetProperty(a => a.ReportBy, unit.Now + settings.ReportWithin),
                        cancel);
                if (claimed != 1)
                {
                    throw Refused(action, unit.Now, "The action was claimed by somebody else at this moment.");
                }

                await unit.Db.Entry(action).ReloadAsync(cancel);
                await unit.Db.Agents.Where(a => a.Name == action.Agent && a.ClaimsSince == null).ExecuteUpdateAsync(set => set.SetProperty(a => a.ClaimsSince, unit.Now), cancel);
                unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
                unit.Tell(HintKind.Session, action.SessionId);
                return (session, action, true, (Refusal?)null);
            },
            cancel);
        if (refusal is not null)
        {
            throw refusal;
        }

        // A stop that was answered while the database took its time over this: whoever claimed is refused all the same.
        if (Latched(claimedIn, action) != ControlState.Stopped)
        {
            return action;
        }

        throw Refused(isNew ? await TakeBackAsync(action) : action, time.GetUtcNow(), Stopped);
    }

    /// <summary>Takes a claim back of which nobody was told. Where the database does not take that either, it stays claimed, and becomes unknown: a person finds out.</summary>
    private async Task<GatedAction> TakeBackAsync(GatedAction claimed)
    {
        try
        {
            return await store.WriteAsync(
                async unit =>
                {
                    await unit.Db.LockSessionAsync(claimed.SessionId, CancellationToken.None);
                    var action = await unit.Db.Actions.Where(a => a.SessionId == claimed.SessionId && a.ActionId == claimed.ActionId).ForUpdate().SingleAsync(CancellationToken.None);
                    if (action.Execution != ActionExecution.Claimed || action.ClaimedAt != claimed.ClaimedAt || action.ClaimedBy != claimed.ClaimedBy)
                    {
                        return action;
                    }

                    (action.Execution, action.ClaimedAt, action.ClaimedBy, action.ClaimId, action.ReportBy) = (ActionExecution.None, null, null, null, null);
                    await VoidAsync(unit, action, "The session was stopped", CancellationToken.None);
                    return action;
                },
                CancellationToken.None);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            return claimed;
        }
    }

    private ControlState Latched(Session session, GatedAction action) => latch.State(session.Id, action.Agent, session.Agent);

    /// <summary>All that a claim meets others on, in the order of the house: policy, scopes, session, action.</summary>
    private static async Task<(Session Session, GatedAction Action, LayerVersions Versions)> LockAsync(
        UnitOfWork unit, Caller caller, string sessionId, string actionId, CancellationToken cancel)
    {
        var db = unit.Db;
        var known = await db.FindKnownSessionAsync(caller, sessionId, cancel);
        var agent = await db.Actions.AsNoTracking().Where(a => a.SessionId == known.Id && a.ActionId == actionId).Select(a => a.Agent).SingleOrDefaultAsync(cancel)
            ?? throw Refusal.NotFound($"action '{actionId}' in session '{sessionId}'");
        var versions = await PolicySnapshots.VersionsAsync(db, agent, forDecision: true, cancel);
        var scopes = new[] { Scopes.Fleet, Scopes.Agent(agent), Scopes.Agent(known.Agent) };
        var held = await db.ScopeControls.AsNoTracking().Where(c => scopes.Contains(c.Scope)).OrderBy(c => c.Scope).ForShare().Select(c => c.Scope).ToListAsync(cancel);
        if (!held.Contains(Scopes.Fleet))
        {
            throw new InvalidOperationException("The fleet has no control: its row is gone.");
        }

        var session = await db.LockKnownSessionAsync(caller, sessionId, cancel);
        var action = await db.Actions.Where(a => a.SessionId == session.Id && a.ActionId == actionId).ForUpdate().SingleOrDefaultAsync(cancel)
            ?? throw Refusal.NotFound($"action '{actionId}' in session '{sessionId}'");
        return (session, action, versions);
    }

    private static void Demand(Session session, GatedAction action, bool again, List<ControlState> orders, DateTimeOffset now)
    {
        var state = ControlQueries.Strictest(session.Control, orders);
        if (action.Execution != ActionExecution.None && !again)
        {
            throw Refused(action, now, action.ClaimedAt is null
                ? $"The action was reported as {action.Execution.Text()} already."
                : $"The action was claimed already, by {action.ClaimedBy} at {action.ClaimedAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
        }

        if (state == ControlState.Stopped)
        {
            throw Refused(action, now, Stopped);
        }

        if (!action.Proceed)
        {
            throw Refused(action, now, action.Status == ActionStatus.Cancelled && action.Note is { } note
                ? $"The action is void. {note}"
                : $"The action is {action.Status.Text()}: it is not to be carried out.");
        }

        if (again ? action.ReportBy <= now : !action.IsClaimable(now))
        {
            throw Refused(action, now, "The time to carry the action out is over.");
        }

        if (state != ControlState.Running)
        {
            throw new Refusal(RefusalKind.Held, $"The session is {(state == ControlState.Paused ? "paused" : "taken over")}: nothing is claimed until it goes on.")
            {
                RetryAfter = GateBatch.HeldRetry,
                State = ActionAnswer.Of(action, now),
            };
        }
    }

    private static async Task<int> ApprovalsAsync(UnitOfWork unit, GatedAction action, CancellationToken cancel)
    {
        var json = await unit.Db.Handoffs.AsNoTracking().Where(h => h.Id == action.HandoffId).Select(h => h.ApprovalsJson).SingleOrDefaultAsync(cancel);
        return JsonText.Read<List<Approval>>(json)?.Count ?? 0;
    }

    private static async Task VoidAsync(UnitOfWork unit, GatedAction action, string why, CancellationToken cancel)
    {
        action.Status = ActionStatus.Cancelled;
        action.Note = why;
        await Budgets.GiveBackAsync(unit, action.BudgetsJson, cancel);
        action.BudgetsJson = null;
        unit.Record(new AuditEntry(Caller.System, "action.void", $"action:{action.SessionId}/{action.ActionId}") { Reason = why, Tightens = true });
        unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
        unit.Tell(HintKind.Session, action.SessionId);
    }

    private static Refusal Refused(GatedAction action, DateTimeOffset now, string why) => Refusal.Conflict(why, ActionAnswer.Of(action, now));
}
