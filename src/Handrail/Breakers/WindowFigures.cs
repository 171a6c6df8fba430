using Handrail.Costs;
using Handrail.Ingest;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>What a session came to within a stretch of the console's time.</summary>
internal static class WindowFigures
{
    /// <summary>Of its steps and of the costs that no step carries, by when they were committed.</summary>
    public static async Task<decimal> OfAsync(HandrailDb db, string sessionId, BreakerMetric metric, DateTimeOffset since, CancellationToken cancel) =>
        await OfStepsAsync(db, sessionId, metric, since, cancel)
        + (metric is BreakerMetric.CostUsd or BreakerMetric.Tokens or BreakerMetric.UnpricedCalls ? await OfCostsAsync(db, sessionId, metric, since, cancel) : 0);

    /// <summary>What was reported of a past that is long over counts for no window.</summary>
    private static async Task<decimal> OfCostsAsync(HandrailDb db, string sessionId, BreakerMetric metric, DateTimeOffset since, CancellationToken cancel)
    {
        // Summed here: SQLite has no decimals to sum.
        var costs = await db.CostEvents.AsNoTracking().Where(c => c.SessionId == sessionId && c.ReceivedAt >= since)
            .Select(c => new { c.At, c.ReceivedAt, c.Amount, c.Currency, Tokens = (c.InputTokens ?? 0) + (c.OutputTokens ?? 0) }).ToListAsync(cancel);
        return costs.Where(c => c.At > c.ReceivedAt - Tally.Past).Sum(c => metric switch
        {
            BreakerMetric.CostUsd => c.Currency == RecordCosts.Summed ? c.Amount : 0,
            BreakerMetric.Tokens => c.Tokens,
            _ => c.Currency == RecordCosts.Summed ? 0 : 1,
        });
    }

    private static async Task<decimal> OfStepsAsync(HandrailDb db, string sessionId, BreakerMetric metric, DateTimeOffset since, CancellationToken cancel)
    {
        var steps = db.Steps.AsNoTracking().Where(s => s.SessionId == sessionId && s.ReceivedAt >= since);
        return metric switch
        {
            BreakerMetric.CostUsd => (await steps.Where(s => s.CountsCost).SumAsync(s => s.CostNanos, cancel) ?? 0) / SessionFigures.NanosPerUsd,
            BreakerMetric.Turns => await steps.Select(s => s.TraceId).Distinct().CountAsync(cancel),
            BreakerMetric.Steps => await steps.CountAsync(cancel),
            BreakerMetric.LlmCalls => await steps.CountAsync(s => s.Counts && s.Kind == StepKind.Llm, cancel),
            BreakerMetric.ToolCalls => await steps.CountAsync(s => s.Counts && s.Kind == StepKind.Tool, cancel),
            BreakerMetric.Tokens => await steps.Where(s => s.Counts).SumAsync(s => (s.InputTokens ?? 0) + (s.OutputTokens ?? 0), cancel),
            BreakerMetric.Errors => await steps.CountAsync(s => s.Failed && s.IsOwn, cancel),
            BreakerMetric.UnpricedCalls => await steps.CountAsync(s => s.CountsCost && s.Kind == StepKind.Llm && s.CostNanos == null && !s.Failed, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "Steps do not tell it."),
        };
    }
}
