using Handrail.Actions;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>What agents, and so the fleet, came to since a moment of the console's clock.</summary>
internal sealed class ScopeFigures
{
    private readonly Dictionary<string, BreakerFigures> _byAgent = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Agent, string Currency), decimal> _allowed = [];

    private ScopeFigures()
    {
    }

    /// <summary>Agents that did anything.</summary>
    public IEnumerable<string> Agents => _byAgent.Keys;

    /// <param name="agent">Null for the whole fleet.</param>
    public decimal Of(string? agent, BreakerMetric metric, string? currency) => metric == BreakerMetric.AllowedAmount
        ? _allowed.Where(a => a.Key.Currency == currency && (agent is null || a.Key.Agent == agent)).Sum(a => a.Value)
        : agent is null ? _byAgent.Values.Sum(f => f[metric] ?? 0) : _byAgent.GetValueOrDefault(agent)[metric] ?? 0;

    /// <param name="since">The minute that it falls into counts wholly.</param>
    public static async Task<ScopeFigures> OfMinutesAsync(HandrailDb db, DateTimeOffset since, CancellationToken cancel)
    {
        var from = AgentMinute.Of(since);
        var sums = await db.AgentMinutes.AsNoTracking().Where(m => m.Minute >= from).GroupBy(m => m.Agent).Select(g => new
        {
            Agent = g.Key,
            Cost = g.Sum(m => m.CostNanos),
            Turns = g.Sum(m => m.Turns),
            Steps = g.Sum(m => m.Steps),
            LlmCalls = g.Sum(m => m.LlmCalls),
            ToolCalls = g.Sum(m => m.ToolCalls),
            Tokens = g.Sum(m => m.Tokens),
            Errors = g.Sum(m => m.Errors),
            Unpriced = g.Sum(m => m.UnpricedCalls),
        }).ToListAsync(cancel);
        var figures = new ScopeFigures();
        foreach (var sum in sums)
        {
            figures._byAgent[sum.Agent] = new BreakerFigures
            {
                CostUsd = sum.Cost / SessionFigures.NanosPerUsd,
                Turns = sum.Turns,
                Steps = sum.Steps,
                LlmCalls = sum.LlmCalls,
                ToolCalls = sum.ToolCalls,
                Tokens = sum.Tokens,
                Errors = sum.Errors,
                UnpricedCalls = sum.Unpriced,
            };
        }

        return figures;
    }

    public static async Task<ScopeFigures> OfActionsAsync(HandrailDb db, DateTimeOffset since, CancellationToken cancel)
    {
        var figures = new ScopeFigures();
        var denied = await db.Actions.AsNoTracking().Where(a => a.RequestedAt >= since && (a.Verdict == Verdict.Deny || a.Verdict == Verdict.Stop))
            .GroupBy(a => a.Agent).Select(g => new { Agent = g.Key, Count = g.Count() }).ToListAsync(cancel);
        foreach (var agent in denied)
        {
            figures._byAgent[agent.Agent] = new BreakerFigures { DeniedActions = agent.Count };
        }

        // Summed here: SQLite has no decimals to sum.
        var allowed = await db.Actions.AsNoTracking()
            .Where(a => a.RequestedAt >= since && (a.Status == ActionStatus.Allowed || a.Status == ActionStatus.Approved) && a.Amount != null && a.Currency != null)
            .Select(a => new { a.Agent, a.Currency, a.Amount }).ToListAsync(cancel);
        foreach (var action in allowed)
        {
            figures._byAgent.TryAdd(action.Agent, default);
            figures._allowed[(action.Agent, action.Currency!)] = figures._allowed.GetValueOrDefault((action.Agent, action.Currency!)) + action.Amount!.Value;
        }

        return figures;
    }
}
