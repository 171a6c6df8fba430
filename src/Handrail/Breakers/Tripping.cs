using Handrail.Access;
using Handrail.Actions;
using Handrail.Audit;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Breakers;

/// <summary>Writes a trip down and carries out what it orders, in the transaction of whoever found it: by the same commands as a person's.</summary>
internal static class Tripping
{
    /// <summary>Trips a breaker of one session, whose row the transaction holds and tracks.</summary>
    public static async Task<BreakerTrip> TripAsync(UnitOfWork unit, Session session, TripFound found, CancellationToken cancel)
    {
        var trip = Record(unit, Scopes.Session(session.Id), session, found);
        if (Order(session, trip.Then) is { } order)
        {
            trip.Stopped = order == ControlKind.Stop;
            await ControlSession.ApplyAsync(unit, session, Caller.System, order, TripWords.Sentence(trip), null, cancel);
        }

        await OpenAsync(unit, trip, session.User, cancel);
        foreach (var linked in found.Linked)
        {
            await ObeyTooAsync(unit, linked, trip, cancel);
        }

        return trip;
    }

    /// <summary>Trips a breaker that counts over an agent or the fleet. Whoever calls holds the scope's row.</summary>
    public static async Task<BreakerTrip> TripAsync(UnitOfWork unit, string scope, Session session, TripFound found, CancellationToken cancel)
    {
        var trip = Record(unit, scope, session, found);
        if (trip.Then is BreakerOutcome.Pause or BreakerOutcome.Stop)
        {
            var agent = scope == Scopes.Fleet ? null : scope[Scopes.Agent("").Length..];
            trip.Stopped = await ControlScope.OrderAsync(unit, Caller.System, agent, trip.Then == BreakerOutcome.Stop ? ControlKind.Stop : ControlKind.Pause, TripWords.Sentence(trip), cancel);
        }

        await OpenAsync(unit, trip, null, cancel);
        return trip;
    }

    private static BreakerTrip Record(UnitOfWork unit, string scope, Session session, TripFound found)
    {
        var breaker = found.Standing.Breaker;
        return new BreakerTrip
        {
            Id = $"bt-{Guid.CreateVersion7():n}",
            Scope = scope,
            Layer = found.Standing.Layer,
            BreakerId = breaker.Id,
            Metric = breaker.Metric,
            Then = breaker.Then,
            Figure = found.Figure,
            Threshold = breaker.Threshold,
            Currency = breaker.Currency,
            WindowSeconds = (int?)breaker.Window?.TotalSeconds,
            Team = session.Team,
            SessionId = session.Id,
            Agent = session.Agent,
            DetailJson = found.Detail is null ? null : JsonText.Of(found.Detail),
            TrippedAt = unit.Now,
            HandoffId = $"h-{Guid.CreateVersion7():n}",
        };
    }

    /// <summary>Null where it holds already, or more does.</summary>
    private static ControlKind? Order(Session session, BreakerOutcome then) => (then, session.Control) switch
    {
        (BreakerOutcome.Stop, not ControlState.Stopped) => ControlKind.Stop,
        (BreakerOutcome.Pause, ControlState.Running) => ControlKind.Pause,
        _ => null,
    };

    /// <summary>The same order for a session that took part in it.</summary>
    private static async Task ObeyTooAsync(UnitOfWork unit, string id, BreakerTrip trip, CancellationToken cancel)
    {
        if (await unit.Db.LockSessionAsync(id, cancel) is { EndedAt: null } session && Order(session, trip.Then) is { } order)
        {
            await ControlSession.ApplyAsync(unit, session, Caller.System, order, $"{TripWords.Sentence(trip)} (session {trip.SessionId})", null, cancel);
        }
    }

    /// <summary>Puts it before a person. What was ordered above has cancelled what waited; this waits for as long as nobody decides.</summary>
    private static async Task OpenAsync(UnitOfWork unit, BreakerTrip trip, string? user, CancellationToken cancel)
    {
        var sentence = TripWords.Sentence(trip);
        unit.Db.BreakerTrips.Add(trip);
        var handoff = new Handoff
        {
            Id = trip.HandoffId,
            Team = trip.Team,
            Kind = HandoffKind.Breaker,
            SessionId = trip.SessionId,
            Agent = trip.Agent,
            User = user,
            Summary = sentence,
            ReasonsJson = JsonText.Of(new[] { new ReasonText($"breaker:{trip.BreakerId}", sentence) }),
            OptionsJson = TripDecision.OptionsJson,
            AnswerSchemaJson = TripDecision.SchemaJson,
            OnTimeout = "hold",
            OpenedAt = unit.Now,
        };
        unit.Db.Handoffs.Add(handoff);
        Notices.Tripped(unit, handoff, trip);
        unit.Record(new AuditEntry(Caller.System, "breaker.trip", trip.Scope)
        {
            Reason = sentence,
            Tightens = true,
            After = new
            {
                breaker = trip.BreakerId,
                layer = trip.Layer,
                metric = trip.Metric,
                then = trip.Then,
                figure = trip.Figure,
                limit = trip.Threshold,
                currency = trip.Currency,
                session = trip.SessionId,
                agent = trip.Agent,
                handoff = trip.HandoffId,
            },
        });
        unit.Tell(HintKind.Handoff, trip.HandoffId);
        unit.Tell(HintKind.Session, trip.SessionId);

        // Written now: on a database that another process has written the same trip to, this is where it is found out.
        await unit.Db.SaveChangesAsync(cancel);
    }
}
