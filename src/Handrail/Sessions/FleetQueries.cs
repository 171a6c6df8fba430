using Handrail.Access;
using Handrail.Breakers;
using Handrail.Handoffs;
using Handrail.Notify;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>The fleet as a whole. Reads kept totals, never steps.</summary>
public sealed class FleetQueries(HandrailStore store, PolicySnapshots policies, TimeProvider time)
{
    /// <summary>Trips shown at most; the Inbox has all that wait.</summary>
    public const int MostTrips = 5;

    /// <summary>The newest sessions and actions that <see cref="NamesInUseAsync"/> looks at.</summary>
    private const int Lately = 1_000;

    private static readonly SessionState[] UnderWay =
        [SessionState.Running, SessionState.Waiting, SessionState.Paused, SessionState.TakenOver, SessionState.Stopping];

    /// <param name="dayStart">When the day of the person who looks began.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<FleetReading> ReadAsync(Caller caller, DateTimeOffset dayStart, CancellationToken cancel)
    {
        caller.Demand(Permission.View);
        return store.ReadAsync(db => ReadAsync(db, dayStart, cancel), cancel);
    }

    /// <summary>Names of tools and action types that the newest sessions and actions used.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<NamesInUse> NamesInUseAsync(Caller caller, CancellationToken cancel)
    {
        caller.Demand(Permission.View);
        return store.ReadAsync(
            async db =>
            {
                var sessions = db.Sessions.OrderByDescending(s => s.LastActivityAt).ThenByDescending(s => s.Id).Take(Lately).Select(s => s.Id);
                var tools = await db.SessionTools.Where(t => sessions.Contains(t.SessionId)).Select(t => t.Tool).Distinct().ToListAsync(cancel);
                var actions = await db.Actions.OrderByDescending(a => a.RequestedAt).Take(Lately).Select(a => new { a.Type, a.Tool }).ToListAsync(cancel);
                return new NamesInUse(
                    [.. tools.Concat(actions.Select(a => a.Tool).OfType<string>()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                    [.. actions.Select(a => a.Type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
            },
            cancel);
    }

    private async Task<FleetReading> ReadAsync(HandrailDb db, DateTimeOffset dayStart, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var hour = HourOf(now);
        var sessions = await SessionsAsync(db, now, cancel);
        var costs = await CostsAsync(db, hour, dayStart, cancel);
        var held = await db.ScopeControls.Where(c => c.State != ControlState.Running)
            .Select(c => new ScopeReading(c.Scope, c.State, c.Reason, c.By, c.Since)).ToDictionaryAsync(c => c.Scope, cancel);
        var open = db.Handoffs.Where(h => h.Status == HandoffStatus.Open && !HandoffKinds.HoldNobody.Contains(h.Kind));
        var agents = await db.Agents.Select(a => new { a.Name, a.LastVersion, a.LastSeenAt }).ToListAsync(cancel);
        var levels = await LevelsAsync(db, [.. agents.Select(a => a.Name)], cancel);

        var (costsOf, sessionsOf, today) = (costs.ToLookup(c => c.Agent), sessions.ToLookup(s => s.Agent), HourOf(dayStart));
        var cards = agents.Select(a =>
        {
            var own = costsOf[a.Name].ToList();
            var recent = own.FindAll(c => c.Hour >= hour.AddHours(-1));
            return new AgentCard
            {
                Agent = a.Name,
                Version = a.LastVersion,
                Level = levels[a.Name].Level,
                LevelVaries = levels[a.Name].Varies,
                Sessions = sessionsOf[a.Name].ToDictionary(s => s.State, s => s.Count),
                BurnNanos = Burn(own, now),
                TodayNanos = own.Where(c => c.Hour >= today).Sum(c => c.Nanos),
                Errors = recent.Sum(c => c.Errors),
                Calls = recent.Sum(c => c.Calls),
                LastActivityAt = a.LastSeenAt,
                Held = held.GetValueOrDefault(Scopes.Agent(a.Name)),
            };
        });
        var untouched = agents.Count == 0 && !await db.Sessions.AnyAsync(cancel);
        return new FleetReading
        {
            Sessions = sessions.GroupBy(s => s.State).ToDictionary(g => g.Key, g => g.Sum(s => s.Count)),
            BurnNanos = Burn(costs, now),
            TodayNanos = costs.Where(c => c.Hour >= today).Sum(c => c.Nanos),
            Hours = [.. Enumerable.Range(0, 24).Select(i => costs.Where(c => c.Hour == hour.AddHours(i - 23)).Sum(c => c.Nanos))],
            OpenHandoffs = await open.CountAsync(cancel),
            OpenSamples = await db.Handoffs.CountAsync(h => h.Status == HandoffStatus.Open && h.Kind == HandoffKind.Sample, cancel),
            OldestHandoffAt = await open.MinAsync(h => (DateTimeOffset?)h.OpenedAt, cancel),
            Agents = [.. cards.OrderBy(c => c.Agent, StringComparer.OrdinalIgnoreCase)],
            Held = held.GetValueOrDefault(Scopes.Fleet),
            SwitchedOff = await SwitchedOffReading.ReadAsync(db, cancel),
            NotObeyed = await AlertQueries.ReadAsync(
                db,
                await db.Alerts.Where(a => a.Kind == NoticeKind.NotObeyed && a.State != AlertState.Resolved).OrderByDescending(a => a.OpenedAt).Take(MostTrips).ToListAsync(cancel),
                cancel),
            Trips = [.. (await TripReading.ReadAsync(db, t => t.ClosedAt == null, MostTrips, cancel)).OrderByDescending(t => t.Waits)],
            Tripped = await db.BreakerTrips.CountAsync(t => t.ClosedAt == null, cancel),
            FirstBreakers = untouched ? await FirstBreakersAsync(db, cancel) : [],
            Untouched = untouched,
        };
    }

    private async Task<IReadOnlyList<Breaker>> FirstBreakersAsync(HandrailDb db, CancellationToken cancel)
    {
        var version = await db.PolicyHeads.Where(h => h.Scope == Scopes.Fleet).Select(h => h.Version).SingleOrDefaultAsync(cancel);
        return version == 0 ? [] : [.. (await policies.LayerAsync(db, Scopes.Fleet, version, cancel)).Document.Breakers];
    }

    /// <summary>Lost ones apart: they become ever more, and only the newest are counted.</summary>
    private static async Task<List<StateCount>> SessionsAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var dayAgo = now.AddDays(-1);
        var underWay = await db.Sessions.Where(s => s.MovedTo == null && UnderWay.Contains(s.State)).GroupBy(s => new { s.Agent, s.State })
            .Select(g => new StateCount(g.Key.Agent, g.Key.State, g.Count())).ToListAsync(cancel);
        var lost = await db.Sessions.Where(s => s.MovedTo == null && s.State == SessionState.Lost && s.LastActivityAt >= dayAgo).GroupBy(s => s.Agent)
            .Select(g => new StateCount(g.Key, SessionState.Lost, g.Count())).ToListAsync(cancel);
        return [.. underWay, .. lost];
    }

    /// <summary>The stricter of the fleet's level and the agent's own, for actions whose type no layer names.</summary>
    private async Task<Dictionary<string, GeneralLevel>> LevelsAsync(HandrailDb db, IReadOnlyList<string> agents, CancellationToken cancel)
    {
        var heads = await db.PolicyHeads.ToDictionaryAsync(h => h.Scope, h => h.Version, cancel);
        var levels = new Dictionary<string, GeneralLevel>(StringComparer.Ordinal);
        foreach (var agent in agents)
        {
            var versions = new LayerVersions(heads.GetValueOrDefault(Scopes.Fleet), heads.GetValueOrDefault(Scopes.Agent(agent)));
            levels[agent] = GeneralLevel.Of(await policies.LayersAsync(db, agent, versions, cancel));
        }

        return levels;
    }

    private static async Task<List<HourCost>> CostsAsync(HandrailDb db, DateTimeOffset hour, DateTimeOffset dayStart, CancellationToken cancel)
    {
        var dayAgo = hour.AddHours(-23);
        var since = HourOf(dayStart) < dayAgo ? HourOf(dayStart) : dayAgo;
        return await db.HourlyCosts.Where(c => c.Hour >= since).GroupBy(c => new { c.Agent, c.Hour })
            .Select(g => new HourCost(g.Key.Agent, g.Key.Hour, g.Sum(c => c.CostNanos), g.Sum(c => c.Calls), g.Sum(c => c.Errors))).ToListAsync(cancel);
    }

    /// <summary>What goes by in an hour, now: the running hour, and of the one before as much as the last sixty minutes still reach into.</summary>
    private static long Burn(IEnumerable<HourCost> costs, DateTimeOffset now)
    {
        var hour = HourOf(now);
        var reach = (decimal)(TimeSpan.FromHours(1) - (now - hour)).TotalHours;
        return costs.Sum(c => c.Hour == hour ? c.Nanos : c.Hour == hour.AddHours(-1) ? (long)(c.Nanos * reach) : 0);
    }

    private static DateTimeOffset HourOf(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerHour));
    }

    private sealed record StateCount(string Agent, SessionState State, int Count);

    private sealed record HourCost(string Agent, DateTimeOffset Hour, long Nanos, int Calls, int Errors);
}
