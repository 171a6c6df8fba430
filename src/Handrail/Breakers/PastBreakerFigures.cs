using Handrail.Actions;
using Handrail.Costs;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>What a breaker's metric came to in the past: in each session, or in each stretch of time as long as its window.</summary>
internal static class PastBreakerFigures
{
    private const int Most = ThresholdQueries.MostRead;

    public static Task<ThresholdHistory> ReadAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel) => breaker switch
    {
        _ when breaker.Metric.IsPattern() || breaker.Metric == BreakerMetric.SilenceSeconds => OfPatternsAsync(db, breaker, since, cancel),
        _ when breaker.Scope == BreakerScope.Session || breaker.Metric.IsOfOneSession() => OfSessionsAsync(db, breaker, since, cancel),
        _ => OfHoursAsync(db, breaker, since, cancel),
    };

    private static async Task<ThresholdHistory> OfPatternsAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var (figures, cut) = await PastPatterns.ReadAsync(db, breaker.Metric, breaker.Agent, since, cancel);
        return new ThresholdHistory([.. figures], "sessions") { Cut = cut };
    }

    /// <summary>What whole sessions came to: a breaker with a window would count less of each.</summary>
    private static async Task<ThresholdHistory> OfSessionsAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        if (breaker.Metric is BreakerMetric.DeniedActions or BreakerMetric.AllowedAmount)
        {
            var (rows, cut) = await ActionsAsync(db, breaker, since, cancel);
            return new ThresholdHistory([.. rows.GroupBy(r => r.SessionId).Select(g => g.Sum(r => r.Figure))], "sessions") { Cut = cut };
        }

        var sessions = db.Sessions.AsNoTracking().Where(s => s.LastActivityAt >= since && s.MovedTo == null && (breaker.Agent == null || s.Agent == breaker.Agent))
            .OrderByDescending(s => s.LastActivityAt).Take(Most);
        if (breaker.Metric == BreakerMetric.ElapsedSeconds)
        {
            var spans = await sessions.Select(s => new { s.StartedAt, s.LastActivityAt }).ToListAsync(cancel);
            return new ThresholdHistory([.. spans.Select(s => decimal.Round((decimal)Math.Max(0, (s.LastActivityAt - s.StartedAt).TotalSeconds)))], "sessions") { Cut = spans.Count == Most };
        }

        var read = await (breaker.Metric switch
        {
            BreakerMetric.CostUsd => sessions.Select(s => s.CostNanos),
            BreakerMetric.Turns => sessions.Select(s => (long)s.Turns),
            BreakerMetric.Steps => sessions.Select(s => (long)s.Steps),
            BreakerMetric.LlmCalls => sessions.Select(s => (long)s.LlmCalls),
            BreakerMetric.ToolCalls => sessions.Select(s => (long)s.ToolCalls),
            BreakerMetric.Tokens => sessions.Select(s => s.InputTokens + s.OutputTokens),
            BreakerMetric.ContextTokens => sessions.Select(s => s.ContextTokens),
            BreakerMetric.Errors => sessions.Select(s => (long)s.Errors),
            BreakerMetric.UnpricedCalls => sessions.Select(s => (long)s.UnpricedCalls),
            _ => throw new ArgumentOutOfRangeException(nameof(breaker), breaker.Metric, "No figure of a session."),
        }).ToListAsync(cancel);
        var unit = breaker.Metric == BreakerMetric.CostUsd ? SessionFigures.NanosPerUsd : 1m;
        return new ThresholdHistory([.. read.Select(f => f / unit)], "sessions") { Cut = read.Count == Most };
    }

    /// <summary>What every stretch of the window's length came to, one beginning with every hour, where anything happened in it.</summary>
    private static async Task<ThresholdHistory> OfHoursAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var (rows, cut) = breaker.Metric switch
        {
            BreakerMetric.DeniedActions or BreakerMetric.AllowedAmount => await ActionsByHourAsync(db, breaker, since, cancel),
            BreakerMetric.Turns or BreakerMetric.Steps or BreakerMetric.UnpricedCalls => (await MinutesAsync(db, breaker, since, cancel), false),
            _ => (await CostsAsync(db, breaker, since, cancel), false),
        };
        var hours = Math.Clamp((int)Math.Ceiling((breaker.Window ?? TimeSpan.FromHours(1)).TotalHours), 1, (int)ThresholdQueries.Lately.TotalHours);
        var figures = rows.GroupBy(r => breaker.Scope == BreakerScope.Fleet ? "" : r.Agent, StringComparer.Ordinal)
            .SelectMany(g => Stretches(g.GroupBy(r => r.Hour).Select(h => (h.Key, h.Sum(r => r.Figure))), hours));
        return new ThresholdHistory([.. figures], hours == 1 ? "hours" : "stretches of time") { Cut = cut };
    }

    private static async Task<List<HourFigure>> CostsAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var rows = await db.HourlyCosts.AsNoTracking().Where(h => h.Hour >= since && (breaker.Agent == null || h.Agent == breaker.Agent))
            .GroupBy(h => new { h.Agent, h.Hour, h.Kind })
            .Select(g => new { g.Key.Agent, g.Key.Hour, g.Key.Kind, Cost = g.Sum(h => h.CostNanos), Tokens = g.Sum(h => h.InputTokens + h.OutputTokens), Calls = g.Sum(h => h.Calls), Errors = g.Sum(h => h.Errors) })
            .ToListAsync(cancel);
        return rows.ConvertAll(r => new HourFigure(r.Agent, r.Hour, breaker.Metric switch
        {
            BreakerMetric.CostUsd => r.Cost / SessionFigures.NanosPerUsd,
            BreakerMetric.LlmCalls => r.Kind == HourlyCost.Model ? r.Calls : 0,
            BreakerMetric.ToolCalls => r.Kind == HourlyCost.Tool ? r.Calls : 0,
            BreakerMetric.Tokens => r.Tokens,
            _ => r.Errors,
        }));
    }

    private static async Task<List<HourFigure>> MinutesAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var rows = await db.AgentMinutes.AsNoTracking().Where(m => m.Minute >= since && (breaker.Agent == null || m.Agent == breaker.Agent))
            .Select(m => new { m.Agent, m.Minute, m.Turns, m.Steps, m.UnpricedCalls }).ToListAsync(cancel);
        return rows.ConvertAll(r => new HourFigure(r.Agent, HourOf(r.Minute), breaker.Metric switch
        {
            BreakerMetric.Turns => r.Turns,
            BreakerMetric.Steps => r.Steps,
            _ => r.UnpricedCalls,
        }));
    }

    private static async Task<(List<HourFigure> Rows, bool Cut)> ActionsByHourAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var (rows, cut) = await ActionsAsync(db, breaker, since, cancel);
        return (rows.ConvertAll(r => new HourFigure(r.Agent, HourOf(r.At), r.Figure)), cut);
    }

    private static async Task<(List<(string SessionId, string Agent, DateTimeOffset At, decimal Figure)> Rows, bool Cut)> ActionsAsync(
        HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var rows = await db.Actions.AsNoTracking().Where(a => a.RequestedAt >= since && (breaker.Agent == null || a.Agent == breaker.Agent)).OrderByDescending(a => a.RequestedAt).Take(Most)
            .Select(a => new { a.SessionId, a.Agent, a.RequestedAt, a.Verdict, a.Status, a.Amount, a.Currency }).ToListAsync(cancel);
        return (rows.ConvertAll(r => (r.SessionId, r.Agent, r.RequestedAt, breaker.Metric == BreakerMetric.DeniedActions
            ? r.Verdict is Verdict.Deny or Verdict.Stop ? 1m : 0
            : r.Status is ActionStatus.Allowed or ActionStatus.Approved && r.Currency == breaker.Currency ? r.Amount ?? 0 : 0)), rows.Count == Most);
    }

    private static IEnumerable<decimal> Stretches(IEnumerable<(DateTimeOffset Hour, decimal Figure)> hours, int length)
    {
        var inside = new Queue<(DateTimeOffset Hour, decimal Figure)>();
        var sum = 0m;
        foreach (var hour in hours.OrderBy(h => h.Hour))
        {
            inside.Enqueue(hour);
            sum += hour.Figure;
            while (inside.Peek().Hour <= hour.Hour.AddHours(-length))
            {
                sum -= inside.Dequeue().Figure;
            }

            yield return sum;
        }
    }

    private static DateTimeOffset HourOf(DateTimeOffset at) => at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerHour));

    private readonly record struct HourFigure(string Agent, DateTimeOffset Hour, decimal Figure);
}
