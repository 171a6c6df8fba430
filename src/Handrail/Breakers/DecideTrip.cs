using Handrail.Access;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>A person decides on a breaker's handoff: resume with a new limit, take over, stop.</summary>
internal static class DecideTrip
{
    /// <exception cref="Refusal">No right, decided already, changed meanwhile, no such choice, or a limit that the figure is above already.</exception>
    public static async Task<HandoffAnswer> DecideAsync(UnitOfWork unit, Caller caller, string handoffId, HandoffDecision decision, long? seenVersion, CancellationToken cancel)
    {
        var choice = decision.Kind switch
        {
            DecisionKind.Answer => TripDecision.Read(decision.Answer!.Value),
            DecisionKind.TakeOver => new TripDecision(TripChoice.TakeOver, null),
            _ => throw Refusal.Conflict("This is a breaker's handoff: answer it with resume, take_over or stop."),
        };
        var known = await unit.Db.BreakerTrips.AsNoTracking().SingleOrDefaultAsync(t => t.HandoffId == handoffId, cancel) ?? throw Refusal.NotFound($"trip of the handoff '{handoffId}'");
        var agent = AgentOf(known.Scope);
        if (agent is not null || known.Scope == Scopes.Fleet)
        {
            // Over more than one session it is on-call's.
            await unit.Db.DemandForScopeAsync(caller, Permission.Control, known.Scope, cancel);
            await ControlScope.LockAsync(unit, known.Scope, cancel);
        }

        var (session, handoff) = await unit.Db.LockHandoffAsync(caller, handoffId, cancel);
        if (!await unit.Db.ReachesSessionAsync(caller, Permission.Decide, session, cancel))
        {
            await unit.Db.DemandForSessionAsync(caller, Permission.Control, session, cancel);
        }

        var trip = await unit.Db.BreakerTrips.SingleAsync(t => t.Id == known.Id, cancel);
        HandoffRows.DemandOpen(handoff, unit.Now);
        if (seenVersion is { } seen && seen != handoff.Version)
        {
            throw Refusal.Stale("The handoff has changed since you saw it.", HandoffAnswer.Of(handoff, unit.Now));
        }

        if (ClaimHandoff.ClaimedByOther(handoff, caller, unit.Now))
        {
            throw Refusal.Conflict($"{handoff.ClaimedBy} has claimed this handoff.", HandoffAnswer.Of(handoff, unit.Now));
        }

        Close(unit, handoff, caller, choice, decision.Note);
        trip.Choice = choice.Choice.Text();
        await unit.Db.SaveChangesAsync(cancel);
        await Notices.ClosedAsync(unit, handoff, cancel);
        switch (choice.Choice)
        {
            case TripChoice.Resume:
                await ResumeAsync(unit, caller, session, trip, agent, choice.NewLimit, decision.Note, cancel);
                break;
            case TripChoice.TakeOver:
                await TakeOverAsync(unit, caller, session, trip, decision.Note, cancel);
                break;
            default:
                await StopAsync(unit, caller, session, trip, agent, decision.Note, cancel);
                break;
        }

        unit.Record(new AuditEntry(caller, $"breaker.{trip.Choice}", trip.Scope)
        {
            Reason = decision.Note,
            Tightens = choice.Choice == TripChoice.Stop,
            Before = new { breaker = trip.BreakerId, figure = trip.Figure, limit = trip.Threshold },
            After = new { new_limit = trip.NewLimit, session = session.Id, handoff = handoffId, state = session.State },
        });
        unit.Tell(HintKind.Handoff, handoffId);
        unit.Tell(HintKind.Session, session.Id);
        return HandoffAnswer.Of(handoff, unit.Now);
    }

    private static string? AgentOf(string scope) => scope.StartsWith(Scopes.Agent(""), StringComparison.Ordinal) ? scope[Scopes.Agent("").Length..] : null;

    private static void Close(UnitOfWork unit, Handoff handoff, Caller caller, TripDecision choice, string? note)
    {
        handoff.Status = choice.Choice == TripChoice.TakeOver ? HandoffStatus.TakenOver : HandoffStatus.Answered;
        handoff.AnswerJson = choice.ToJson().GetRawText();
        (handoff.DecidedBy, handoff.DecidedAt, handoff.Decision, handoff.Note) = (caller.Name, unit.Now, choice.Choice.Text(), note);
        (handoff.ClaimedBy, handoff.ClaimedUntil) = (null, null);
        handoff.Version++;
    }

    private static async Task ResumeAsync(
        UnitOfWork unit, Caller caller, Session session, BreakerTrip trip, string? agent, decimal? newLimit, string? note, CancellationToken cancel)
    {
        var ofSession = trip.Scope == Scopes.Session(session.Id);
        var breaker = ResumeTrips.BreakerOf(trip);
        var figure = ofSession && SessionFigures.Of(session, unit.Now)[trip.Metric] is { } now ? Math.Max(now, trip.Figure) : trip.Figure;
        if ((breaker.GoesOn() || breaker.Metric.IsPattern()) && newLimit <= figure)
        {
            throw Refusal.Invalid("answer.new_limit", $"must be above {TripWords.Figure(trip.Metric, figure, trip.Currency)}, where the figure stands: it would trip again at once.");
        }

        ResumeTrips.Close(trip, caller, unit.Now, newLimit ?? breaker.AsMuchAgain(figure));
        await unit.Db.SaveChangesAsync(cancel);
        if (trip.Then is not (BreakerOutcome.Pause or BreakerOutcome.Stop) || await ResumeTrips.OthersHoldAsync(unit, trip, cancel))
        {
            return;
        }

        if (ofSession)
        {
            await ResumeSessionAsync(unit, caller, session, trip, note, cancel);
        }
        else if (trip.Stopped)
        {
            await ControlScope.OrderAsync(unit, caller, agent, ControlKind.Resume, note, cancel);
        }
    }

    /// <summary>A stop of a person stays; what the breaker itself stopped goes on.</summary>
    private static async Task ResumeSessionAsync(UnitOfWork unit, Caller caller, Session session, BreakerTrip trip, string? note, CancellationToken cancel)
    {
        if (session.Control == ControlState.Stopped && trip.Stopped)
        {
            await ControlSession.LiftAsync(unit, session, caller, note, cancel);
        }
        else if (session.Control == ControlState.Paused)
        {
            await ControlSession.ApplyAsync(unit, session, caller, ControlKind.Resume, note, null, cancel);
        }
    }

    /// <summary>The trip stays one until the session is handed back.</summary>
    private static async Task TakeOverAsync(UnitOfWork unit, Caller caller, Session session, BreakerTrip trip, string? note, CancellationToken cancel)
    {
        if (session.Control == ControlState.Stopped && trip.Stopped)
        {
            await ControlSession.LiftAsync(unit, session, caller, note, cancel);
        }

        await ControlSession.ApplyAsync(unit, session, caller, ControlKind.TakeOver, note, null, cancel);
    }

    private static async Task StopAsync(UnitOfWork unit, Caller caller, Session session, BreakerTrip trip, string? agent, string? note, CancellationToken cancel)
    {
        if (trip.Scope == Scopes.Session(session.Id))
        {
            ResumeTrips.Close(trip, caller, unit.Now, null);
            trip.Stopped = false;
            await unit.Db.SaveChangesAsync(cancel);
            await ControlSession.ApplyAsync(unit, session, caller, ControlKind.Stop, note, null, cancel);
            await ResumeTrips.StoppedAsync(unit, session.Id, caller, cancel);
        }
        else
        {
            await ControlScope.OrderAsync(unit, caller, agent, ControlKind.Stop, note, cancel);
        }
    }
}
