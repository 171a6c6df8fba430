using Handrail.Costs;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>How long an agent's calls take, true to a tenth.</summary>
/// <param name="OfTools">Of tool calls, for the agent has made no model calls.</param>
public sealed record CallSpeed(TimeSpan P50, TimeSpan P95, bool OfTools);

/// <summary>How long the calls of this hour and the one before took, by agent.</summary>
internal static class FleetSpeed
{
    public static async Task<Dictionary<string, CallSpeed>> ReadAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var since = HourlyCost.HourOf(now).AddHours(-1);
        var buckets = await db.CallLatencies.Where(l => l.Hour >= since).GroupBy(l => new { l.Agent, l.Kind, l.Bucket })
            .Select(g => new { g.Key.Agent, g.Key.Kind, g.Key.Bucket, Calls = g.Sum(l => l.Calls) }).ToListAsync(cancel);
        var speeds = new Dictionary<string, CallSpeed>(StringComparer.Ordinal);
        foreach (var of in buckets.GroupBy(b => (b.Agent, b.Kind)).OrderBy(g => g.Key.Kind == HourlyCost.Model))
        {
            var counted = of.Select(b => (b.Bucket, b.Calls)).ToList();
            if (CallLatency.Percentile(counted, 0.5) is { } half && CallLatency.Percentile(counted, 0.95) is { } most)
            {
                // Models' calls last, in the place of tools'.
                speeds[of.Key.Agent] = new CallSpeed(half, most, of.Key.Kind == HourlyCost.Tool);
            }
        }

        return speeds;
    }
}
