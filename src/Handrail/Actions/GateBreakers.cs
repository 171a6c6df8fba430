using Handrail.Breakers;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>Breakers in a decision's own transaction: what has tripped rules it, what is over its limit by now trips before it, and what it adds may trip after it.</summary>
internal sealed class GateBreakers(UnitOfWork unit, ActionGate gate)
{
    private readonly List<(Session Session, TripFound Found)> _trips = [];

    /// <summary>What rules a question in this session: of several trips each.</summary>
    public static IReadOnlyList<TrippedBreaker> Tripped(GateReads reads, Session session, string agent)
    {
        List<TrippedBreaker>? tripped = null;
        foreach (var scope in new[] { Scopes.Session(session.Id), Scopes.Agent(agent), Scopes.Agent(session.Agent), Scopes.Fleet }.Distinct(StringComparer.Ordinal))
        {
            foreach (var trip in reads.Trips(scope))
            {
                if (trip.ClosedAt is null)
                {
                    (tripped ??= []).Add(new TrippedBreaker(trip.BreakerId, trip.Then, trip.Metric, trip.Figure, trip.Threshold, trip.Currency));
                }
            }
        }

        return tripped ?? [];
    }

    /// <summary>Figures of the session's row: an agent that sends no telemetry runs out of time all the same.</summary>
    public async Task BeforeAsync(Session session, string agent, GateReads reads, CancellationToken cancel)
    {
        if (session.Control == ControlState.Stopped)
        {
            return;
        }

        var figures = SessionFigures.Of(session, unit.Now);
        PastTrips? past = null;
        foreach (var standing in await gate.BreakersAsync(unit.Db, agent, reads.Versions(agent), cancel))
        {
            var breaker = standing.Breaker;
            if (breaker.Scope == BreakerScope.Session && (breaker.Window is null || breaker.Metric.IsOfOneSession()) && breaker.Trips(figures[breaker.Metric]))
            {
                past ??= new PastTrips(reads.Trips(Scopes.Session(session.Id)));
                if (!past.IsOpen(standing) && past.Trips(standing, figures[breaker.Metric]))
                {
                    Trip(session, new TripFound(standing, figures[breaker.Metric]!.Value), reads);
                }
            }
        }
    }

    /// <summary>What only decisions count.</summary>
    public async Task AfterAsync(Session session, GatedAction action, GateReads reads, CancellationToken cancel)
    {
        var metric = action.Verdict is Verdict.Deny or Verdict.Stop ? BreakerMetric.DeniedActions
            : action is { Verdict: Verdict.Allow, Amount: not null } ? BreakerMetric.AllowedAmount
            : (BreakerMetric?)null;
        if (metric is null || session.Control == ControlState.Stopped)
        {
            return;
        }

        foreach (var standing in await gate.BreakersAsync(unit.Db, action.Agent, reads.Versions(action.Agent), cancel))
        {
            var breaker = standing.Breaker;
            if (breaker.Scope != BreakerScope.Session || breaker.Metric != metric || (metric == BreakerMetric.AllowedAmount && breaker.Currency != action.Currency))
            {
                continue;
            }

            var past = new PastTrips(reads.Trips(Scopes.Session(session.Id)));
            var figure = metric == BreakerMetric.DeniedActions
                ? await DeniedAsync(session, breaker, cancel) + 1
                : await AllowedAsync(session, breaker, cancel) + action.Amount!.Value;
            if (!past.IsOpen(standing) && past.Trips(standing, figure))
            {
                Trip(session, new TripFound(standing, figure), reads);
            }
        }
    }

    /// <summary>Writes the trips down, once the sessions and actions of the batch are written.</summary>
    public async Task CarryOutAsync(CancellationToken cancel)
    {
        foreach (var (session, found) in _trips)
        {
            unit.Db.Sessions.Attach(session);
            await Tripping.TripAsync(unit, session, found, cancel);
        }
    }

    /// <summary>Noted at once, so that the decision it comes before is ruled by it.</summary>
    private void Trip(Session session, TripFound found, GateReads reads)
    {
        _trips.Add((session, found));
        var breaker = found.Standing.Breaker;
        reads.Add(new BreakerTrip
        {
            Id = "",
            Scope = Scopes.Session(session.Id),
            Layer = found.Standing.Layer,
            BreakerId = breaker.Id,
            Metric = breaker.Metric,
            Then = breaker.Then,
            Figure = found.Figure,
            Threshold = breaker.Threshold,
            Currency = breaker.Currency,
            Team = session.Team,
            SessionId = session.Id,
            Agent = session.Agent,
            HandoffId = "",
        });
    }

    private IQueryable<GatedAction> Of(Session session, Breaker breaker)
    {
        var since = breaker.Window is { } window ? unit.Before(window) : DateTimeOffset.MinValue;
        var actions = unit.Db.Actions.AsNoTracking().Where(a => a.SessionId == session.Id);
        return breaker.Window is null ? actions : actions.Where(a => a.RequestedAt >= since);
    }

    private Task<int> DeniedAsync(Session session, Breaker breaker, CancellationToken cancel) =>
        Of(session, breaker).CountAsync(a => a.Verdict == Verdict.Deny || a.Verdict == Verdict.Stop, cancel);

    /// <summary>Summed here: SQLite has no decimals to sum.</summary>
    private async Task<decimal> AllowedAsync(Session session, Breaker breaker, CancellationToken cancel) => (await Of(session, breaker)
        .Where(a => (a.Status == ActionStatus.Allowed || a.Status == ActionStatus.Approved) && a.Currency == breaker.Currency && a.Amount != null)
        .Select(a => a.Amount!.Value).ToListAsync(cancel)).Sum();
}
