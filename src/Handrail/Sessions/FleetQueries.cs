using Handrail.Access;
using Handrail.Breakers;
using Handrail.Costs;
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

    /// <summary>A day's actions are counted again this often: they may be many, and their share moves slowly.</summary>
    private static readonly TimeSpan RateEvery = TimeSpan.FromSeconds(30);

    private (DateTimeOffset At, IReadOnlyDictionary<string, AutonomyRate> ByAgent)? _rates;

    /// <param name="dayStart">When the day of the person who looks began.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<FleetReading> ReadAsync(Caller caller, DateTimeOffset dayStart, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync(caller, db => ReadAsync(db, dayStart, cancel), cancel);
    }

    /// <summary>Names of tools and action types that the newest sessions and actions used.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<NamesInUse> NamesInUseAsync(Caller caller, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync(
            caller,
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
        var sessions = await FleetSessions.CountAsync(db, now, cancel);
        var costs = await FleetCosts.ReadAsync(db, now, dayStart, cancel);
        var speeds = await FleetSpeed.ReadAsync(db, now, cancel);
        var rates = await RatesAsync(db, now, cancel);
        var held = await db.ScopeControls.Where(c => c.State != ControlState.Running)
            .Select(c => new ScopeReading(c.Scope, c.State, c.Reason, c.By, c.Since)).ToDictionaryAsync(c => c.Scope, cancel);
        var open = db.Handoffs.Where(h => h.Status == HandoffStatus.Open && !HandoffKinds.HoldNobody.Contains(h.Kind));
        var agents = await db.Agents.Select(a => new { a.Name, a.LastVersion, a.LastSeenAt }).ToListAsync(cancel);
        var layers = await LayersAsync(db, [.. agents.Select(a => a.Name)], cancel);
        var fleetLayer = await FleetLayerAsync(db, cancel);

        var sessionsOf = sessions.ToLookup(s => s.Agent, StringComparer.Ordinal);
        var cards = agents.Select(a =>
        {
            var (own, level) = (layers[a.Name], GeneralLevel.Of(layers[a.Name]));
            var (calls, errors) = costs.Lately(a.Name);
            return new AgentCard
            {
                Agent = a.Name,
                Version = a.LastVersion,
                Level = level.Level,
                LevelVaries = level.Varies,
                Sessions = ByState(sessionsOf[a.Name]),
                Activities = ByActivity(sessionsOf[a.Name]),
                BurnNanos = costs.Burn(a.Name),
                HourlyLimitUsd = HourlyLimit(own.SelectMany(l => l.Document.Breakers), BreakerScope.Agent),
                TodayNanos = costs.Today(a.Name),
                Hours = costs.Hours(a.Name),
                Errors = errors,
                Calls = calls,
                Speed = speeds.GetValueOrDefault(a.Name),
                Rate = rates.GetValueOrDefault(a.Name),
                LastActivityAt = a.LastSeenAt,
                Held = held.GetValueOrDefault(Scopes.Agent(a.Name)),
            };
        });
        var untouched = agents.Count == 0 && !await db.Sessions.AnyAsync(cancel);
        return new FleetReading
        {
            At = now,
            Sessions = ByState(sessions),
            Activities = ByActivity(sessions),
            BurnNanos = costs.Burn(null),
            HourlyLimitUsd = HourlyLimit(fleetLayer, BreakerScope.Fleet),
            TodayNanos = costs.Today(null),
            DayBudgetUsd = await SpendBudgets.OfFleetADayAsync(db, cancel),
            Hours = costs.Hours(null),
            Rate = new AutonomyRate(rates.Values.Sum(r => r.ByItself), rates.Values.Sum(r => r.WithPerson)),
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
            FirstBreakers = untouched ? fleetLayer : [],
            Untouched = untouched,
        };
    }

    private static Dictionary<SessionState, int> ByState(IEnumerable<SessionCount> sessions) => sessions.GroupBy(s => s.State).ToDictionary(g => g.Key, g => g.Sum(s => s.Count));

    private static Dictionary<SessionActivity, int> ByActivity(IEnumerable<SessionCount> sessions) => sessions.GroupBy(s => s.Activity).ToDictionary(g => g.Key, g => g.Sum(s => s.Count));

    /// <summary>The strictest breaker on the money of one hour.</summary>
    private static decimal? HourlyLimit(IEnumerable<Breaker> breakers, BreakerScope scope) => breakers
        .Where(b => b.Scope == scope && b.Metric == BreakerMetric.CostUsd && b.Window == TimeSpan.FromHours(1)).Min(b => (decimal?)b.Threshold);

    /// <summary>By agent, how many of the last 24 hours' actions went by themselves and how many were put to a person.</summary>
    private async Task<IReadOnlyDictionary<string, AutonomyRate>> RatesAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        // Kept for those who see all; others are few.
        var whole = db.HiddenAgents.Count == 0;
        if (whole && _rates is { } known && now - known.At < RateEvery && now >= known.At)
        {
            return known.ByAgent;
        }

        var since = now.AddDays(-1);
        var counts = await db.Actions.Where(a => a.RequestedAt >= since && (a.Verdict == Verdict.Allow || a.Verdict == Verdict.Review)).GroupBy(a => new { a.Agent, a.Verdict })
            .Select(g => new { g.Key.Agent, g.Key.Verdict, Count = g.Count() }).ToListAsync(cancel);
        var rates = counts.GroupBy(c => c.Agent, StringComparer.Ordinal).ToDictionary(
            g => g.Key, g => new AutonomyRate(g.Where(c => c.Verdict == Verdict.Allow).Sum(c => c.Count), g.Where(c => c.Verdict == Verdict.Review).Sum(c => c.Count)), StringComparer.Ordinal);
        if (whole)
        {
            _rates = (now, rates);
        }

        return rates;
    }

    private async Task<IReadOnlyList<Breaker>> FleetLayerAsync(HandrailDb db, CancellationToken cancel)
    {
        var version = await db.PolicyHeads.Where(h => h.Scope == Scopes.Fleet).Select(h => h.Version).SingleOrDefaultAsync(cancel);
        return version == 0 ? [] : [.. (await policies.LayerAsync(db, Scopes.Fleet, version, cancel)).Document.Breakers];
    }

    /// <summary>The layers that rule each agent, from those in memory.</summary>
    private async Task<Dictionary<string, IReadOnlyList<PolicyLayer>>> LayersAsync(HandrailDb db, IReadOnlyList<string> agents, CancellationToken cancel)
    {
        var heads = await db.PolicyHeads.ToDictionaryAsync(h => h.Scope, h => h.Version, cancel);
        var layers = new Dictionary<string, IReadOnlyList<PolicyLayer>>(StringComparer.Ordinal);
        foreach (var agent in agents)
        {
            layers[agent] = await policies.LayersAsync(db, agent, new LayerVersions(heads.GetValueOrDefault(Scopes.Fleet), heads.GetValueOrDefault(Scopes.Agent(agent))), cancel);
        }

        return layers;
    }
}
