using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>Looks at the breakers that count over an agent or the fleet, in windows of the console's time.</summary>
internal sealed class ScopeBreakers(HandrailStore store, BreakersInForce inForce)
{
    /// <summary>Compares every window with its limit.</summary>
    /// <param name="wider">Figures of single sessions that breakers over an agent or the fleet count.</param>
    public async Task LookAsync(IReadOnlyList<(Session Session, TripFound Found)> wider, DateTimeOffset now, CancellationToken cancel)
    {
        foreach (var (session, found) in wider)
        {
            await TripAsync(found.Standing.ScopeOf(session.Agent, session.Id), session.Id, found, cancel);
        }

        foreach (var (scope, found) in await store.ReadAsync(db => FindAsync(db, now, cancel), cancel))
        {
            if (await store.ReadAsync(db => CulpritAsync(db, scope, cancel), cancel) is { } session)
            {
                await TripAsync(scope, session, found, cancel);
            }
        }
    }

    private async Task<List<(string Scope, TripFound Found)>> FindAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var standing = new List<StandingBreaker>();
        foreach (var head in await db.PolicyHeads.AsNoTracking().Where(h => h.Version > 0).ToListAsync(cancel))
        {
            standing.AddRange((await inForce.OfAsync(db, head.Scope, head.Version, cancel)).Where(s => s.Breaker is { Scope: not BreakerScope.Session, Window: not null } && !s.Breaker.Metric.IsOfOneSession()));
        }

        var found = new List<(string Scope, TripFound Found)>();
        foreach (var window in standing.GroupBy(s => (s.Breaker.Window!.Value, s.Breaker.Metric is BreakerMetric.DeniedActions or BreakerMetric.AllowedAmount)))
        {
            var figures = await FiguresAsync(db, window.Key.Item2, store.Before(now, window.Key.Value), cancel);
            foreach (var one in window)
            {
                found.AddRange(Over(one, figures).Select(f => (f.Scope, new TripFound(one, f.Figure))));
            }
        }

        if (found.Count == 0)
        {
            return found;
        }

        var past = await SessionBreakers.TripsAsync(db, found.Select(f => f.Scope), cancel);
        var trips = new List<(string Scope, TripFound Found)>();
        foreach (var (scope, trip) in found)
        {
            var before = past.GetValueOrDefault(scope, PastTrips.None);
            var figure = before.Since(trip.Standing)?.AddMinutes(1) is { } resumed && resumed > store.Before(now, trip.Standing.Breaker.Window!.Value)
                // From the next minute on: what was spent in the same one before was the reason.
                ? FigureOf(trip.Standing, scope, await FiguresAsync(db, trip.Standing.Breaker.Metric is BreakerMetric.DeniedActions or BreakerMetric.AllowedAmount, resumed, cancel))
                : trip.Figure;
            if (!before.IsOpen(trip.Standing) && before.Trips(trip.Standing, figure))
            {
                trips.Add((scope, trip with { Figure = figure }));
            }
        }

        return trips;
    }

    private static async Task<ScopeFigures> FiguresAsync(HandrailDb db, bool ofActions, DateTimeOffset since, CancellationToken cancel) =>
        ofActions ? await ScopeFigures.OfActionsAsync(db, since, cancel) : await ScopeFigures.OfMinutesAsync(db, since, cancel);

    private static IEnumerable<(string Scope, decimal Figure)> Over(StandingBreaker standing, ScopeFigures figures)
    {
        var scopes = standing.Breaker.Scope == BreakerScope.Fleet ? [Scopes.Fleet]
            : standing.Layer == Scopes.Fleet ? figures.Agents.Select(Scopes.Agent)
            : [standing.Layer];
        return scopes.Select(s => (Scope: s, Figure: FigureOf(standing, s, figures))).Where(s => standing.Breaker.Trips(s.Figure));
    }

    private static decimal FigureOf(StandingBreaker standing, string scope, ScopeFigures figures) =>
        figures.Of(scope == Scopes.Fleet ? null : scope[Scopes.Agent("").Length..], standing.Breaker.Metric, standing.Breaker.Currency);

    /// <summary>The session that was heard of last: where a person begins to look.</summary>
    private static Task<string?> CulpritAsync(HandrailDb db, string scope, CancellationToken cancel)
    {
        var agent = scope == Scopes.Fleet ? null : scope[Scopes.Agent("").Length..];
        return db.Sessions.AsNoTracking().Where(s => s.MovedTo == null && (agent == null || s.Agent == agent)).OrderByDescending(s => s.LastActivityAt).Select(s => s.Id).FirstOrDefaultAsync(cancel);
    }

    private Task TripAsync(string scope, string sessionId, TripFound found, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            await ControlScope.LockAsync(unit, scope, cancel);
            var past = new PastTrips(await unit.Db.BreakerTrips.AsNoTracking().Where(t => t.Scope == scope).ToListAsync(cancel));
            var session = await unit.Db.FindSessionAsync(sessionId, cancel);
            if (session is not null && !past.IsOpen(found.Standing) && past.Trips(found.Standing, found.Figure))
            {
                await Tripping.TripAsync(unit, scope, session, found, cancel);
            }
        },
        cancel);
}
