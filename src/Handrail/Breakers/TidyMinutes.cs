using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>Puts the minutes of hours that are long past together, and clears away what no window reaches any more.</summary>
public sealed class TidyMinutes(HandrailStore store, TimeProvider time)
{
    /// <summary>So long minutes are kept apart: shorter windows slide by the minute, longer ones by the hour.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromHours(6);

    /// <summary>The longest window that breakers usually have, and a day.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(31);

    /// <summary>Pages show how long calls took within the last hours.</summary>
    private static readonly TimeSpan LatenciesKept = TimeSpan.FromDays(2);

    private const int MostHours = 48;

    /// <returns>How many hours were put together.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (until, oldest) = (HourOf(now - Apart), now - Kept);
        var done = 0;
        for (var from = DateTimeOffset.MinValue; done < MostHours; done++)
        {
            // Its first minute stands for the whole hour once it is put together: what lies beside it is still to be.
            var next = await store.ReadAsync(
                async db => (await db.AgentMinutes.Where(m => m.Minute < until && m.Minute > from).OrderBy(m => m.Minute).Select(m => m.Minute).Take(100_000).ToListAsync(cancel)).FirstOrDefault(m => m != HourOf(m)),
                cancel);
            if (next == default)
            {
                break;
            }

            from = HourOf(next);
            await store.WriteAsync(unit => MergeAsync(unit.Db, from, cancel), cancel);
        }

        await store.WriteAsync(unit => unit.Db.AgentMinutes.Where(m => m.Minute < oldest).ExecuteDeleteAsync(cancel), cancel);
        var shown = now - LatenciesKept;
        await store.WriteAsync(unit => unit.Db.CallLatencies.Where(l => l.Hour < shown).ExecuteDeleteAsync(cancel), cancel);
        return done;
    }

    private static async Task MergeAsync(HandrailDb db, DateTimeOffset hour, CancellationToken cancel)
    {
        var end = hour.AddHours(1);
        var minutes = await db.AgentMinutes.AsNoTracking().Where(m => m.Minute >= hour && m.Minute < end).ToListAsync(cancel);
        await db.AgentMinutes.Where(m => m.Minute >= hour && m.Minute < end).ExecuteDeleteAsync(cancel);
        db.AgentMinutes.AddRange(minutes.GroupBy(m => m.Agent, StringComparer.Ordinal).Select(g => new AgentMinute
        {
            Minute = hour,
            Agent = g.Key,
            CostNanos = g.Sum(m => m.CostNanos),
            Turns = g.Sum(m => m.Turns),
            Steps = g.Sum(m => m.Steps),
            LlmCalls = g.Sum(m => m.LlmCalls),
            ToolCalls = g.Sum(m => m.ToolCalls),
            Tokens = g.Sum(m => m.Tokens),
            Errors = g.Sum(m => m.Errors),
            UnpricedCalls = g.Sum(m => m.UnpricedCalls),
        }));
        await db.SaveChangesAsync(cancel);
    }

    private static DateTimeOffset HourOf(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerHour));
    }
}
