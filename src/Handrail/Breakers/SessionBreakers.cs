using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>
/// Looks at the breakers of sessions that something was committed of. Most are compared with their rows alone, in memory; the database is
/// asked only where a figure is over its limit or something hints at a loop.
/// </summary>
internal sealed class SessionBreakers(HandrailStore store, BreakersInForce inForce)
{
    /// <summary>An agent that has said it is done flushes what it has: what comes so soon after is no sign that it goes on.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromMinutes(2);

    /// <param name="failed">Takes up the sessions that could not be looked at: one that fails keeps no other from being stopped.</param>
    /// <returns>Those that concern more than a session: breakers over an agent or the fleet whose figure is one session's.</returns>
    public async Task<List<(Session Session, TripFound Found)>> LookAsync(
        IReadOnlyList<Noticed> noticed, DateTimeOffset now, Dictionary<string, Exception> failed, CancellationToken cancel)
    {
        var found = await store.ReadAsync(db => FindAsync(db, noticed, now, failed, cancel), cancel);
        var wider = new List<(Session Session, TripFound Found)>();
        foreach (var (session, trips) in found)
        {
            wider.AddRange(trips.Where(t => t.Standing.Breaker.Scope != BreakerScope.Session).Select(t => (session, t)));
            var own = trips.FindAll(t => t.Standing.Breaker.Scope == BreakerScope.Session);
            try
            {
                if (own.Count > 0)
                {
                    await TripAsync(session.Id, own, cancel);
                }
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed[session.Id] = e;
            }
        }

        return wider;
    }

    private async Task<List<(Session Session, List<TripFound> Found)>> FindAsync(
        HandrailDb db, IReadOnlyList<Noticed> noticed, DateTimeOffset now, Dictionary<string, Exception> failed, CancellationToken cancel)
    {
        var suspects = new List<(Noticed Noticed, List<StandingBreaker> Breakers)>();
        foreach (var one in noticed)
        {
            if (await SuspectsAsync(db, one, now, cancel) is { Count: > 0 } breakers)
            {
                suspects.Add((one, breakers));
            }
        }

        if (suspects.Count == 0)
        {
            return [];
        }

        var past = await TripsAsync(db, suspects.SelectMany(s => s.Breakers.Select(b => b.ScopeOf(s.Noticed.Session.Agent, s.Noticed.Session.Id))), cancel);
        var found = new List<(Session Session, List<TripFound> Found)>();
        foreach (var (one, breakers) in suspects)
        {
            try
            {
                if (await OverAsync(db, one, breakers, past, now, cancel) is { Count: > 0 } trips)
                {
                    found.Add((one.Session, trips));
                }
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                failed[one.Session.Id] = e;
            }
        }

        return found;
    }

    private async Task<List<TripFound>> OverAsync(
        HandrailDb db, Noticed one, List<StandingBreaker> breakers, Dictionary<string, PastTrips> past, DateTimeOffset now, CancellationToken cancel)
    {
        var trips = new List<TripFound>();
        var patterns = new SessionPatterns(db, one, now, window => store.Before(now, window));
        foreach (var standing in breakers)
        {
            var before = past.GetValueOrDefault(standing.ScopeOf(one.Session.Agent, one.Session.Id), PastTrips.None);
            if (!before.IsOpen(standing) && await MeasureAsync(db, one, standing, before, patterns, now, cancel) is { } trip && before.Trips(standing, trip.Figure))
            {
                trips.Add(trip);
            }
        }

        return trips;
    }

    /// <summary>The breakers that its row, or what was said of its steps, gives reason to look at.</summary>
    private async Task<List<StandingBreaker>?> SuspectsAsync(HandrailDb db, Noticed noticed, DateTimeOffset now, CancellationToken cancel)
    {
        var session = noticed.Session;
        if (session.Control == ControlState.Stopped || session.MovedTo is not null || now - session.EndedAt < Flush)
        {
            return null;
        }

        var (fleet, own) = await inForce.ForAsync(db, session.Agent, noticed.Versions, cancel);
        var figures = SessionFigures.Of(session, now);
        List<StandingBreaker>? suspects = null;
        foreach (var standing in fleet)
        {
            Consider(standing);
        }

        foreach (var standing in own)
        {
            Consider(standing);
        }

        return suspects;

        void Consider(StandingBreaker standing)
        {
            var breaker = standing.Breaker;
            if (breaker.Scope == BreakerScope.Session || breaker.Metric.IsOfOneSession())
            {
                if (breaker.Metric.IsPattern() ? SessionPatterns.MayHave(noticed, breaker) : breaker.Trips(figures[breaker.Metric]))
                {
                    (suspects ??= []).Add(standing);
                }
            }
        }
    }

    private async Task<TripFound?> MeasureAsync(
        HandrailDb db, Noticed noticed, StandingBreaker standing, PastTrips past, SessionPatterns patterns, DateTimeOffset now, CancellationToken cancel)
    {
        var breaker = standing.Breaker;
        if (breaker.Metric.IsPattern())
        {
            return await patterns.FigureAsync(standing, past.Since(standing), cancel);
        }

        if (breaker.Window is { } window && !breaker.Metric.IsOfOneSession())
        {
            var begins = store.Before(now, window);
            var since = past.Since(standing) is { } resumed && resumed > begins ? resumed : begins;
            return new TripFound(standing, await WindowFigures.OfAsync(db, noticed.Session.Id, breaker.Metric, since, cancel));
        }

        return SessionFigures.Of(noticed.Session, now)[breaker.Metric] is { } figure ? new TripFound(standing, figure) : null;
    }

    internal static async Task<Dictionary<string, PastTrips>> TripsAsync(HandrailDb db, IEnumerable<string> scopes, CancellationToken cancel)
    {
        var asked = scopes.Distinct(StringComparer.Ordinal).ToList();
        return (await db.BreakerTrips.AsNoTracking().Where(t => asked.Contains(t.Scope)).ToListAsync(cancel))
            .GroupBy(t => t.Scope, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new PastTrips(g), StringComparer.Ordinal);
    }

    /// <summary>Trips, unless somebody else did meanwhile, the session has moved or was stopped.</summary>
    private Task TripAsync(string sessionId, IReadOnlyList<TripFound> found, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            if (await LockAsync(unit, sessionId, found, cancel) is not { } session)
            {
                return;
            }

            var scope = Scopes.Session(session.Id);
            var past = new PastTrips(await unit.Db.BreakerTrips.AsNoTracking().Where(t => t.Scope == scope).ToListAsync(cancel));

            // The strictest first: what it orders, a milder one need not.
            foreach (var trip in found.OrderByDescending(t => t.Standing.Breaker.Then))
            {
                if (!past.IsOpen(trip.Standing) && past.Trips(trip.Standing, trip.Figure))
                {
                    await Tripping.TripAsync(unit, session, trip, cancel);
                }
            }
        },
        cancel);

    /// <summary>The session, held together with those that belong with it, in one order; null where nothing is to trip any more.</summary>
    private static async Task<Session?> LockAsync(UnitOfWork unit, string sessionId, IReadOnlyList<TripFound> found, CancellationToken cancel)
    {
        foreach (var id in found.SelectMany(f => f.Linked).Append(sessionId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            await unit.Db.LockSessionAsync(id, cancel);
        }

        return await unit.Db.LockSessionAsync(sessionId, cancel) is { } session && session.Control != ControlState.Stopped ? session : null;
    }
}
