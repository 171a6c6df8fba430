using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>Breakers on silence: no commit brings what they wait for, so they are looked at every few seconds.</summary>
public sealed class SilenceBreakers(HandrailStore store, PolicySnapshots policies, TimeProvider time)
{
    private const int MostAtOnce = 200;

    private readonly BreakersInForce _inForce = new(policies);

    /// <returns>How many were found.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var found = await store.ReadAsync(db => FindAsync(db, now, cancel), cancel);
        foreach (var (session, trip) in found)
        {
            await TripAsync(session, trip, cancel);
        }

        return found.Count;
    }

    private async Task<List<(Session Session, TripFound Found)>> FindAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var found = new List<(Session Session, TripFound Found)>();
        foreach (var head in await db.PolicyHeads.AsNoTracking().Where(h => h.Version > 0).ToListAsync(cancel))
        {
            foreach (var standing in (await _inForce.OfAsync(db, head.Scope, head.Version, cancel)).Where(s => s.Breaker.Metric == BreakerMetric.SilenceSeconds))
            {
                // Who had been silent for so long before the breaker was published is not its matter.
                var published = await db.PolicyVersions.AsNoTracking().Where(v => v.Scope == head.Scope && v.Version == head.Version).Select(v => v.At).SingleAsync(cancel);
                var limit = TimeSpan.FromSeconds((double)standing.Breaker.Threshold);
                var (since, until) = (published - limit, now - limit);
                var agent = head.Scope == Scopes.Fleet ? null : head.Scope[Scopes.Agent("").Length..];
                var silent = await db.Sessions.AsNoTracking()
                    .Where(s => (s.State == SessionState.Running || s.State == SessionState.Lost) && s.MovedTo == null && s.LastActivityAt < until && s.LastActivityAt >= since && (agent == null || s.Agent == agent))
                    .OrderByDescending(s => s.LastActivityAt).Take(MostAtOnce).ToListAsync(cancel);
                var past = await SessionBreakers.TripsAsync(db, silent.Select(s => standing.ScopeOf(s.Agent, s.Id)), cancel);
                foreach (var session in silent)
                {
                    var before = past.GetValueOrDefault(standing.ScopeOf(session.Agent, session.Id), PastTrips.None);
                    var heard = before.Since(standing) is { } resumed && resumed > session.LastActivityAt ? resumed : session.LastActivityAt;
                    var figure = decimal.Floor((decimal)(now - heard).TotalSeconds);
                    if (!before.IsOpen(standing) && before.Trips(standing, figure) && !await IsHeardAsync(db, standing, session, until, cancel))
                    {
                        found.Add((session, new TripFound(standing, figure)));
                    }
                }
            }
        }

        return found;
    }

    /// <summary>An agent or the fleet is silent only when all of its sessions are.</summary>
    private static Task<bool> IsHeardAsync(HandrailDb db, StandingBreaker standing, Session session, DateTimeOffset until, CancellationToken cancel) => standing.Breaker.Scope switch
    {
        BreakerScope.Session => Task.FromResult(false),
        BreakerScope.Agent => db.Sessions.AnyAsync(s => s.Agent == session.Agent && s.LastActivityAt >= until, cancel),
        _ => db.Sessions.AnyAsync(s => s.LastActivityAt >= until, cancel),
    };

    private Task TripAsync(Session silent, TripFound found, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var scope = found.Standing.ScopeOf(silent.Agent, silent.Id);
            var ofSession = found.Standing.Breaker.Scope == BreakerScope.Session;
            if (!ofSession)
            {
                await ControlScope.LockAsync(unit, scope, cancel);
            }

            var session = ofSession ? await unit.Db.LockSessionAsync(silent.Id, cancel) : await unit.Db.FindSessionAsync(silent.Id, cancel);
            var past = new PastTrips(await unit.Db.BreakerTrips.AsNoTracking().Where(t => t.Scope == scope).ToListAsync(cancel));
            if (session is null || session.Id != silent.Id || session.LastActivityAt != silent.LastActivityAt || past.IsOpen(found.Standing))
            {
                return;
            }

            _ = ofSession ? await Tripping.TripAsync(unit, session, found, cancel) : await Tripping.TripAsync(unit, scope, session, found, cancel);
        },
        cancel);
}
