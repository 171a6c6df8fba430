using System.Text.Json;
using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>What an agent asks, as read from its request.</summary>
public sealed record GateQuestion(ActionRequest Request)
{
    public string? Summary { get; init; }

    public JsonElement? Arguments { get; init; }

    public JsonElement? Citations { get; init; }

    public JsonElement? Checks { get; init; }

    /// <summary>SHA-256 over the canonical body: another body under the same action id is refused.</summary>
    public required string Digest { get; init; }
}

/// <summary>
/// An agent asks leave. The decision, its reasons and the facts it was made with are committed before it is answered; the same
/// question again gets the same answer.
/// </summary>
public sealed class AskGate(HandrailStore store, ActionGate gate)
{
    /// <summary>When an agent that is held may ask again.</summary>
    private static readonly TimeSpan HeldRetry = TimeSpan.FromSeconds(5);

    /// <exception cref="Refusal">Another agent or team, another body under the same id, or a session that is paused or taken over.</exception>
    public Task<GatedAction> HandleAsync(Caller caller, string sessionId, GateQuestion question, CancellationToken cancel)
    {
        caller.DemandAgent(question.Request.Agent);
        return store.WriteAsync(
            async unit =>
            {
                if (await DecidedBeforeAsync(unit, caller, sessionId, question, cancel) is { } known)
                {
                    return known;
                }

                await OpenSession.EnsureAgentAsync(unit, caller, question.Request.Agent, cancel);
                var (versions, orders) = await ActionGate.HoldAsync(unit, question.Request.Agent, cancel);
                var session = await OpenSession.EnsureAsync(unit, caller, sessionId, question.Request.Agent, cancel);
                if (await DecidedBeforeAsync(unit, caller, session.Id, question, cancel) is { } meanwhile)
                {
                    return meanwhile;
                }

                var reading = await gate.DecideAsync(unit, session, question.Request, versions, orders, cancel);
                if (reading.Decision.Held)
                {
                    throw new Refusal(RefusalKind.Held, "The session is held: " + string.Join(" ", reading.Decision.Reasons.Select(r => r.Text)))
                    {
                        RetryAfter = HeldRetry,
                        State = SessionAnswer.Of(session),
                    };
                }

                var action = Record(unit, session, question, reading);
                await Budgets.TakeAsync(
                    unit, [.. reading.Decision.Reservations.Select(r => new BudgetHold(ActionGate.BudgetName(r.Budget, action.Agent), r.Amount, r.Currency))], cancel);
                await TouchAsync(unit, session, action, cancel);
                if (action.Status == ActionStatus.Pending || action.Sampled)
                {
                    OpenHandoff(unit, session, action, question, reading.Decision.Review);
                }

                await unit.Db.SaveChangesAsync(cancel);
                if (action.Verdict == Verdict.Stop && session.Control != ControlState.Stopped)
                {
                    await ControlSession.ApplyAsync(unit, session, Caller.System, ControlKind.Stop, reading.Decision.Reasons[0].Text, null, cancel);
                }

                return action;
            },
            cancel);
    }

    private static async Task<GatedAction?> DecidedBeforeAsync(UnitOfWork unit, Caller caller, string sessionId, GateQuestion question, CancellationToken cancel)
    {
        var session = await unit.Db.FindSessionAsync(sessionId, cancel);
        if (session is null)
        {
            return null;
        }

        if (session.Team != caller.Team)
        {
            throw Refusal.NotFound($"session '{sessionId}'");
        }

        var known = await unit.Db.Actions.AsNoTracking().SingleOrDefaultAsync(a => a.SessionId == session.Id && a.ActionId == question.Request.ActionId, cancel);
        return known is null || known.Digest == question.Digest
            ? known
            : throw Refusal.Conflict($"The action id '{known.ActionId}' was already used with another body in this session.", ActionAnswer.Of(known));
    }

    private static GatedAction Record(UnitOfWork unit, Session session, GateQuestion question, GateReading reading)
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
        unit.Db.Actions.Add(action);
        unit.Tell(HintKind.Action, Hint.ActionKey(session.Id, action.ActionId));
        return action;
    }

    private static async Task TouchAsync(UnitOfWork unit, Session session, GatedAction action, CancellationToken cancel)
    {
        session.LastActivityAt = unit.Now;
        session.User ??= action.User;
        session.AgentVersion ??= action.AgentVersion;
        if (session.EndedAt is not null && session.Control != ControlState.Stopped)
        {
            // It asks, so it has not ended.
            (session.EndedAt, session.Outcome) = (null, null);
        }

        if (action.Tool is { } tool && !await unit.Db.SessionTools.AnyAsync(t => t.SessionId == session.Id && t.Tool == tool, cancel))
        {
            unit.Db.SessionTools.Add(new SessionTool { SessionId = session.Id, Tool = tool, FirstUsedAt = unit.Now });
        }

        if (!await unit.Db.SessionAgents.AnyAsync(a => a.SessionId == session.Id && a.Agent == action.Agent, cancel))
        {
            unit.Db.SessionAgents.Add(new SessionAgent { SessionId = session.Id, Agent = action.Agent });
        }

        session.Restate();
        unit.Tell(HintKind.Session, session.Id);
    }

    private static void OpenHandoff(UnitOfWork unit, Session session, GatedAction action, GateQuestion question, ReviewTerms terms)
    {
        var approval = action.Status == ActionStatus.Pending;
        var handoff = new Handoff
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
            ApprovalsNeeded = approval ? terms.Approvals : 1,
            ForbidSelfApproval = terms.ForbidSelfApproval,
            OnTimeout = approval ? terms.OnTimeout.Text() : "hold",
            EscalateTo = terms.EscalateTo,
            TimeoutSeconds = (int)(terms.Timeout?.TotalSeconds ?? 0),
            OpenedAt = unit.Now,
            ExpiresAt = approval ? action.ExpiresAt : null,
        };
        unit.Db.Handoffs.Add(handoff);
        unit.Tell(HintKind.Handoff, handoff.Id);
        if (approval)
        {
            action.HandoffId = handoff.Id;
            session.OpenHandoffs++;
            session.Restate();
        }
    }
}
