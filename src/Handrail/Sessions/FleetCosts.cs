using Handrail.Costs;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>What an agent came to in one hour.</summary>
internal sealed record AgentHour(string Agent, DateTimeOffset Hour, long Nanos, int Calls, int Errors);

/// <summary>What agents spent and did in each of the last hours.</summary>
internal sealed class FleetCosts
{
    private readonly ILookup<string, AgentHour> _byAgent;
    private readonly List<AgentHour> _all;
    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset _hour;
    private readonly DateTimeOffset _today;

    private FleetCosts(List<AgentHour> all, DateTimeOffset now, DateTimeOffset dayStart) =>
        (_all, _byAgent, _now, _hour, _today) = (all, all.ToLookup(h => h.Agent, StringComparer.Ordinal), now, HourlyCost.HourOf(now), HourlyCost.HourOf(dayStart));

    /// <param name="dayStart">When the day of the person who looks began.</param>
    public static async Task<FleetCosts> ReadAsync(HandrailDb db, DateTimeOffset now, DateTimeOffset dayStart, CancellationToken cancel)
    {
        var (dayAgo, today) = (HourlyCost.HourOf(now).AddHours(-23), HourlyCost.HourOf(dayStart));
        var since = today < dayAgo ? today : dayAgo;
        return new FleetCosts(
            await db.HourlyCosts.Where(c => c.Hour >= since).GroupBy(c => new { c.Agent, c.Hour })
                .Select(g => new AgentHour(g.Key.Agent, g.Key.Hour, g.Sum(c => c.CostNanos), g.Sum(c => c.Calls), g.Sum(c => c.Errors))).ToListAsync(cancel),
            now, dayStart);
    }

    /// <summary>What goes by in an hour, now: the running hour, and of the one before as much as the last sixty minutes still reach into.</summary>
    /// <param name="agent">Null for the whole fleet.</param>
    public long Burn(string? agent)
    {
        var reach = (decimal)(TimeSpan.FromHours(1) - (_now - _hour)).TotalHours;
        return Of(agent).Sum(c => c.Hour == _hour ? c.Nanos : c.Hour == _hour.AddHours(-1) ? (long)(c.Nanos * reach) : 0);
    }

    public long Today(string? agent) => Of(agent).Where(c => c.Hour >= _today).Sum(c => c.Nanos);

    /// <summary>Each of the last 24 hours, the oldest first, the running one last.</summary>
    public IReadOnlyList<long> Hours(string? agent)
    {
        var hours = new long[24];
        foreach (var own in Of(agent))
        {
            var place = 23 - (int)(_hour - own.Hour).TotalHours;
            if (place is >= 0 and < 24)
            {
                hours[place] += own.Nanos;
            }
        }

        return hours;
    }

    /// <summary>Calls of this hour and the one before, and those of them that failed.</summary>
    public (int Calls, int Errors) Lately(string agent)
    {
        var lately = Of(agent).Where(c => c.Hour >= _hour.AddHours(-1)).ToList();
        return (lately.Sum(c => c.Calls), lately.Sum(c => c.Errors));
    }

    private IEnumerable<AgentHour> Of(string? agent) => agent is null ? _all : _byAgent[agent];
}
