using System.Text.Json;
using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Audit;
using Handrail.Breakers;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>A person decides. Exactly one decision ever wins; the loser is told who was first and how.</summary>
public sealed class DecideHandoff(HandrailStore store, ActionGate gate)
{
    /// <param name="seenVersion">The handoff's version as the person saw it; null when it was not said.</param>
    /// <exception cref="Refusal">No right, decided already, claimed by another, changed meanwhile, or forbidden by policy.</exception>
    public Task<HandoffAnswer> HandleAsync(Caller caller, string id, HandoffDecision decision, long? seenVersion, CancellationToken cancel)
    {
        if (!caller.MaySomewhere(Permission.Control))
        {
            caller.DemandSomewhere(Permission.Decide);
        }

        return store.WriteAsync(
            async unit =>
            {
                if ((await unit.Db.FindKnownHandoffAsync(caller, id, cancel)).Kind == HandoffKind.Breaker)
                {
                    // Whoever may halt may decide on what a breaker has halted.
                    return await DecideTrip.DecideAsync(unit, caller, id, decision, seenVersion, cancel);
                }

                var (session, handoff) = await unit.Db.LockHandoffAsync(caller, id, cancel);
                await unit.Db.DemandForAsync(caller, Permission.Decide, handoff.Agent, cancel);
                var team = handoff.Role is null ? null : await unit.Db.TeamOfAsync(handoff.Agent, cancel);
                Decidable.Demand(caller, handoff, team, decision, seenVersion, unit.Now);
                await DemandReasonCodeAsync(unit, handoff, decision, cancel);
                if (handoff.PlantedFrom is not null)
                {
                    return await PlantedAsync(unit, caller, handoff, decision, cancel);
                }

                var action = handoff.ActionId is null
                    ? null
                    : await unit.Db.Actions.Where(a => a.SessionId == session.Id && a.ActionId == handoff.ActionId).ForUpdate().SingleAsync(cancel);
                var before = new { status = handoff.Status, amount = action?.Amount, arguments = JsonText.Element(action?.ArgumentsJson) };
                switch (decision.Kind)
                {
                    case DecisionKind.Approve:
                        await ApproveAsync(unit, caller, session, handoff, action!, decision, cancel);
                        break;
                    case DecisionKind.Reject:
                        Close(unit, caller, handoff, HandoffStatus.Rejected, decision);
                        Settle(unit, caller, handoff, action, ActionStatus.Rejected, decision.Note);
                        break;
                    case DecisionKind.Answer:
                        handoff.AnswerJson = decision.Answer!.Value.GetRawText();
                        Close(unit, caller, handoff, HandoffStatus.Answered, decision);
                        break;
                    default:
                        Close(unit, caller, handoff, HandoffStatus.TakenOver, decision);
                        Settle(unit, caller, handoff, action, ActionStatus.TakenOver, decision.Note);
                        break;
                }

                await FinishAsync(unit, caller, session, handoff, decision, cancel);
                unit.Record(new AuditEntry(caller, $"handoff.{decision.Kind.Text()}", $"handoff:{id}")
                {
                    Reason = decision.Note,
                    Tightens = decision.Kind == DecisionKind.Reject,
                    Before = before,
                    After = new
                    {
                        status = handoff.Status,
                        amount = action?.Amount,
                        arguments = JsonText.Element(action?.ArgumentsJson),
                        answer = decision.Answer,
                        reason_code = decision.ReasonCode,
                        session = session.Id,
                        action = handoff.ActionId,
                        user = handoff.User,
                        agent = handoff.Agent,
                    },
                });
                return HandoffAnswer.Of(handoff, unit.Now);
            },
            cancel);
    }

    /// <summary>Where an agent's reviewers have a list of reasons, a code is one of it.</summary>
    private static async Task DemandReasonCodeAsync(UnitOfWork unit, Handoff handoff, HandoffDecision decision, CancellationToken cancel)
    {
        if (decision.ReasonCode is not { } code)
        {
            return;
        }

        var json = await unit.Db.Agents.AsNoTracking().Where(a => a.Name == handoff.Agent).Select(a => a.RejectCodesJson).SingleOrDefaultAsync(cancel);
        var codes = JsonText.Read<List<RejectCode>>(json) ?? [];
        if (codes.Count > 0 && codes.TrueForAll(c => c.Code != code))
        {
            throw Refusal.Invalid("reason_code", $"must be one of {string.Join(", ", codes.Select(c => c.Code))}.");
        }
    }

    /// <summary>A case that was planted has nothing behind it: it is marked, and that is all that ever comes of it.</summary>
    private static async Task<HandoffAnswer> PlantedAsync(UnitOfWork unit, Caller caller, Handoff handoff, HandoffDecision decision, CancellationToken cancel)
    {
        if (decision.Kind is DecisionKind.Answer)
        {
            throw Refusal.Conflict("This is an action to approve or reject.", HandoffAnswer.Of(handoff, unit.Now));
        }

        Close(unit, caller, handoff, decision.Kind == DecisionKind.Approve ? HandoffStatus.Approved : HandoffStatus.Rejected, decision);
        await Notices.ClosedAsync(unit, handoff, cancel);
        unit.Record(new AuditEntry(caller, $"handoff.{decision.Kind.Text()}", $"handoff:{handoff.Id}") { Reason = decision.Note, Tightens = decision.Kind == DecisionKind.Reject, After = new { planted_from = handoff.PlantedFrom, status = handoff.Status } });
        unit.Tell(HintKind.Handoff, handoff.Id);
        return HandoffAnswer.Of(handoff, unit.Now);
    }

    private async Task ApproveAsync(
        UnitOfWork unit, Caller caller, Session session, Handoff handoff, GatedAction action, HandoffDecision decision, CancellationToken cancel)
    {
        if (handoff.ForbidSelfApproval && Decidable.IsSamePerson(handoff.User, caller.Name, caller.Id))
        {
            throw Refusal.NotAllowed("The policy forbids approving one's own request.");
        }

        var edited = (decision.Arguments is { } arguments && !SameJson(arguments, action.ArgumentsJson))
            || (decision.Amount is { } amount && amount != action.Amount);
        if (handoff.Kind == HandoffKind.Sample)
        {
            // It went long ago, as it was: what is edited is what it should have been, and nobody else has to agree.
            if (edited)
            {
                (handoff.ArgumentsJson, handoff.Amount) = (decision.Arguments?.GetRawText() ?? handoff.ArgumentsJson, decision.Amount ?? handoff.Amount);
            }

            Close(unit, caller, handoff, HandoffStatus.Approved, decision);
            action.People ??= edited ? PeopleDecision.Edited : PeopleDecision.Approved;
            return;
        }

        var approvals = JsonText.Read<List<Approval>>(handoff.ApprovalsJson) ?? [];
        if (edited)
        {
            action.AskedJson ??= JsonText.Of(new AskedFor(action.Amount, JsonText.Element(action.ArgumentsJson)));
            action.ArgumentsJson = decision.Arguments?.GetRawText() ?? action.ArgumentsJson;
            action.Amount = decision.Amount ?? action.Amount;
            action.Edited = true;
            (handoff.ArgumentsJson, handoff.Amount) = (action.ArgumentsJson, action.Amount);

            // Whoever approved before approved something else.
            approvals.Clear();
        }

        // What policy forbids by now, or forbids with the edited values, a person can't let go either.
        handoff.ApprovalsNeeded = Math.Max(handoff.ApprovalsNeeded, await gate.DemandApprovableAsync(unit, session, action, cancel));
        if (approvals.Any(a => string.Equals(a.By, caller.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw Refusal.Conflict("You have approved this already; it takes another person.", HandoffAnswer.Of(handoff, unit.Now));
        }

        approvals.Add(new Approval(caller.Name, unit.Now));
        handoff.ApprovalsJson = JsonText.Of(approvals);
        if (approvals.Count < handoff.ApprovalsNeeded)
        {
            handoff.Version++;
            (handoff.ClaimedBy, handoff.ClaimedUntil) = (null, null);
            (handoff.AssignedTo, handoff.AssignedBy, handoff.AssignedNote) = (null, null, null);
            return;
        }

        Close(unit, caller, handoff, HandoffStatus.Approved, decision);
        Settle(unit, caller, handoff, action, ActionStatus.Approved, decision.Note);
        action.ExpiresAt = unit.Now + ActionGate.CarryOutWithin;
    }

    private static void Close(UnitOfWork unit, Caller caller, Handoff handoff, HandoffStatus status, HandoffDecision decision)
    {
        handoff.Status = status;
        handoff.DecidedBy = caller.Name;
        handoff.DecidedAt = unit.Now;
        handoff.Decision = decision.Kind.Text();
        handoff.Note = decision.Note;
        handoff.ReasonCode = decision.ReasonCode;
        handoff.LookedMs = (long?)decision.Looked?.TotalMilliseconds;
        handoff.ClaimedBy = null;
        handoff.ClaimedUntil = null;
        handoff.Version++;
    }

    private static void Settle(UnitOfWork unit, Caller caller, Handoff handoff, GatedAction? action, ActionStatus status, string? note)
    {
        if (action is null)
        {
            return;
        }

        action.People ??= status == ActionStatus.Approved ? action.Edited ? PeopleDecision.Edited : PeopleDecision.Approved : PeopleDecision.Rejected;
        if (handoff.Kind == HandoffKind.Sample)
        {
            // Looked at afterwards: what was let go has gone, and its result is still awaited.
            return;
        }

        action.Status = status;
        action.DecidedBy = caller.Name;
        action.DecidedAt = unit.Now;
        action.Note = note;
        unit.Tell(HintKind.Action, Hint.ActionKey(action.SessionId, action.ActionId));
    }

    private static async Task FinishAsync(UnitOfWork unit, Caller caller, Session session, Handoff handoff, HandoffDecision decision, CancellationToken cancel)
    {
        if (handoff.Status != HandoffStatus.Open && handoff.Kind.HoldsUp())
        {
            await Notices.ClosedAsync(unit, handoff, cancel);
            session.OpenHandoffs = Math.Max(0, session.OpenHandoffs - 1);
            session.Restate();
        }

        if (handoff.Status == HandoffStatus.TakenOver)
        {
            await unit.Db.SaveChangesAsync(cancel);
            await ControlSession.ApplyAsync(unit, session, caller, ControlKind.TakeOver, decision.Note, null, cancel);
        }

        unit.Tell(HintKind.Handoff, handoff.Id);
        unit.Tell(HintKind.Session, session.Id);
    }

    private static bool SameJson(JsonElement one, string? other) =>
        JsonText.Element(other) is { } element && CanonicalJson.Sha256(one) == CanonicalJson.Sha256(element);
}
