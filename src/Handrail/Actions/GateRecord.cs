using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Actions;

/// <summary>A decision as it is written down: the action, and what of it waits for a person.</summary>
internal static class GateRecord
{
    public static GatedAction Action(UnitOfWork unit, Session session, GateQuestion question, GateReading reading)
    {
        var (request, decision) = (question.Request, reading.Decision);
        var action = new GatedAction
        {
            SessionId = session.Id,
            ActionId = request.ActionId,
            Digest = question.Digest,
            Team = session.Team,
            Agent = request.Agent,
            AgentVersion = request.AgentVersion,
            User = request.User,
            Type = request.Type,
            Tool = request.Tool,
            Summary = question.Summary,
            Amount = request.Amount,
            Currency = request.Currency,
            Vendor = request.Vendor,
            Category = request.Category,
            Confidence = (double?)request.Confidence,
            Reasoning = request.Reasoning,
            CitationsJson = question.Citations?.GetRawText(),
            ArgumentsJson = question.Arguments?.GetRawText(),
            ChecksJson = question.Checks?.GetRawText(),
            Risk = decision.Risk.Text(),
            StatedRisk = request.Risk?.Text(),
            Verdict = decision.Verdict,
            WouldBe = decision.Verdict == Verdict.Shadow ? decision.WouldBe : null,
            Status = decision.Verdict switch
            {
                Verdict.Allow => ActionStatus.Allowed,
                Verdict.Review => ActionStatus.Pending,
                Verdict.Shadow => ActionStatus.Shadowed,
                Verdict.Stop => ActionStatus.Stopped,
                _ => ActionStatus.Denied,
            },
            ReasonsJson = JsonText.Of(decision.Reasons.Select(r => new ReasonText(r.Rule, r.Text))),
            PolicyVersion = reading.Versions.ToString(),
            FactsJson = JsonText.Of(reading.Facts),
            BudgetsJson = decision.Reservations.Count == 0 ? null
                : JsonText.Of(decision.Reservations.Select(r => new BudgetHold(ActionGate.BudgetName(r.Budget, request.Agent), r.Amount, r.Currency))),
            Sampled = decision.Sampled && decision.Verdict == Verdict.Allow,
            RequestedAt = unit.Now,
            ExpiresAt = decision.Verdict switch
            {
                Verdict.Allow => unit.Now + ActionGate.CarryOutWithin,
                Verdict.Review => unit.Now + decision.Review.Timeout,
                _ => null,
            },
        };
        unit.Tell(HintKind.Action, Hint.ActionKey(session.Id, action.ActionId));
        return action;
    }

    public static void Handoff(UnitOfWork unit, Session session, GatedAction action, GateQuestion question, ReviewTerms terms)
    {
        var approval = action.Status == ActionStatus.Pending;
        var handoff = new Handoffs.Handoff
        {
            Id = $"h-{Guid.CreateVersion7():n}",
            Team = session.Team,
            Kind = approval ? HandoffKind.Approval : HandoffKind.Sample,
            SessionId = session.Id,
            Agent = action.Agent,
            User = action.User ?? session.User,
            ActionId = action.ActionId,
            Type = action.Type,
            Summary = question.Summary,
            Amount = action.Amount,
            Currency = action.Currency,
            Vendor = action.Vendor,
            Category = action.Category,
            Risk = action.Risk,
            Confidence = action.Confidence,
            ArgumentsJson = action.ArgumentsJson,
            ReasonsJson = action.ReasonsJson,
            Reasoning = action.Reasoning,
            CitationsJson = action.CitationsJson,
            ChecksJson = action.ChecksJson,
            BypassJson = action.BypassJson,
            ApprovalsNeeded = approval ? terms.Approvals : 1,
            ForbidSelfApproval = terms.ForbidSelfApproval,
            OnTimeout = approval ? terms.OnTimeout.Text() : "hold",
            EscalateTo = terms.EscalateTo,
            TimeoutSeconds = (int)(terms.Timeout?.TotalSeconds ?? 0),
            OpenedAt = unit.Now,
            ExpiresAt = approval ? action.ExpiresAt : null,
        };
        unit.Db.Handoffs.Add(handoff);
        Notices.Opened(unit, handoff);
        unit.Tell(HintKind.Handoff, handoff.Id);
        if (approval)
        {
            action.HandoffId = handoff.Id;
            session.OpenHandoffs++;
            session.Restate();
        }
    }
}
