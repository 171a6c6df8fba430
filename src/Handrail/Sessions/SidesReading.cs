using Handrail.Actions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>What telemetry and the gate know of some sessions, read for all of them together.</summary>
internal sealed class SidesReading
{
    /// <summary>A session that began no longer ago than this has all its steps: they are kept for a day at least.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromHours(20);

    private readonly Dictionary<string, List<AskedTool>> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ToldTool>> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (decimal Reported, decimal Priced)> _costs = new(StringComparer.Ordinal);
    private Dictionary<string, DateTimeOffset> _heard = new(StringComparer.Ordinal);
    private Dictionary<string, int> _kept = new(StringComparer.Ordinal);

    public static async Task<SidesReading> ReadAsync(HandrailDb db, PriceTable prices, IReadOnlyList<Compared> sessions, CancellationToken cancel)
    {
        var reading = new SidesReading();
        var (ids, since) = (sessions.Select(s => s.Id).ToList(), sessions.Min(s => s.FirstReceivedAt));
        var steps = db.Steps.Where(s => ids.Contains(s.SessionId) && s.ReceivedAt >= since);
        await reading.ReadGateAsync(db, ids, cancel);
        await reading.ReadToolsAsync(steps, cancel);
        await reading.ReadCostsAsync(steps, prices, cancel);
        await reading.ReadTimesAsync(db, sessions, cancel);
        return reading;
    }

    /// <summary>Some of its steps are no longer kept: what is not there may have been.</summary>
    public bool IsCleared(Compared session) => _kept.TryGetValue(session.Id, out var kept) && kept < session.Steps;

    public SessionSides Of(string session)
    {
        var (reported, priced) = _costs.GetValueOrDefault(session);
        return new SessionSides
        {
            Asked = _asked.GetValueOrDefault(session) ?? [],
            Told = _told.GetValueOrDefault(session) ?? [],
            HeardAt = _heard.TryGetValue(session, out var heard) ? heard : null,
            ReportedUsd = reported,
            PricedUsd = priced,
        };
    }

    private async Task ReadGateAsync(HandrailDb db, List<string> ids, CancellationToken cancel)
    {
        var actions = await db.Actions.Where(a => ids.Contains(a.SessionId) && a.Tool != null)
            .Select(a => new { a.SessionId, Tool = a.Tool!, a.Status, a.Execution, At = a.ExecutedAt ?? a.ClaimedAt }).ToListAsync(cancel);
        foreach (var tool in actions.GroupBy(a => (a.SessionId, a.Tool)))
        {
            var letGo = tool.Count(a => a.Status is ActionStatus.Allowed or ActionStatus.Approved || a.Execution != ActionExecution.None);
            var done = tool.Where(a => a.Execution is ActionExecution.Succeeded or ActionExecution.Failed && a.At is not null).Select(a => a.At!.Value).ToList();
            Add(_asked, tool.Key.SessionId, new AskedTool(tool.Key.Tool, tool.Count(), letGo, done));
        }
    }

    private async Task ReadToolsAsync(IQueryable<StepRow> steps, CancellationToken cancel)
    {
        var tools = await steps.Where(s => s.Kind == StepKind.Tool && s.Counts && s.ToolName != null && s.Agent != null).GroupBy(s => new { s.SessionId, s.Agent, s.ToolName })
            .Select(g => new { g.Key.SessionId, g.Key.Agent, g.Key.ToolName, Calls = g.Count(), LastAt = g.Max(s => s.StartedAt) }).ToListAsync(cancel);
        foreach (var tool in tools.OrderBy(t => t.Agent, StringComparer.Ordinal).ThenBy(t => t.ToolName, StringComparer.Ordinal))
        {
            Add(_told, tool.SessionId, new ToldTool(tool.Agent!, tool.ToolName!, tool.Calls, tool.LastAt, null, false));
        }
    }

    /// <summary>Only calls that have both: a sender that says nothing, or zero, is priced by the table anyway.</summary>
    private async Task ReadCostsAsync(IQueryable<StepRow> steps, PriceTable prices, CancellationToken cancel)
    {
        var calls = steps.Where(s => s.CountsCost && s.ReportedCostNanos > 0 && s.InputTokens != null).Select(s => new
        {
            s.SessionId, s.Provider, s.ResponseModel, s.RequestModel, s.StartedAt, s.InputTokens, s.OutputTokens, s.CachedTokens, s.CacheWriteTokens, s.ReasoningTokens, s.ReportedCostNanos,
        });
        await foreach (var call in calls.AsAsyncEnumerable().WithCancellation(cancel))
        {
            var usage = new TokenUsage(call.InputTokens, call.OutputTokens, call.CachedTokens, call.CacheWriteTokens, call.ReasoningTokens);
            if (prices.Find(call.Provider, call.ResponseModel, call.RequestModel, call.StartedAt)?.CostOf(usage) is { } priced)
            {
                var (reported, sum) = _costs.GetValueOrDefault(call.SessionId);
                _costs[call.SessionId] = (reported + UsdNanos.ToUsd(call.ReportedCostNanos)!.Value, sum + priced);
            }
        }
    }

    /// <summary>When telemetry last came, of sessions in which something was carried out; how much of it is left, of old ones.</summary>
    private async Task ReadTimesAsync(HandrailDb db, IReadOnlyList<Compared> sessions, CancellationToken cancel)
    {
        var since = sessions.Min(s => s.FirstReceivedAt);
        var done = _asked.Where(a => _told.ContainsKey(a.Key) && a.Value.Exists(t => t.Done.Count > 0)).Select(a => a.Key).ToList();
        if (done.Count > 0)
        {
            _heard = await db.Steps.Where(s => done.Contains(s.SessionId) && s.ReceivedAt >= since).GroupBy(s => s.SessionId)
                .Select(g => new { g.Key, At = g.Max(s => s.ReceivedAt) }).ToDictionaryAsync(g => g.Key, g => g.At, StringComparer.Ordinal, cancel);
        }

        var old = sessions.Where(s => s.LastActivityAt - s.FirstReceivedAt > Kept).ToList();
        if (old.Count > 0)
        {
            var ids = old.ConvertAll(s => s.Id);
            var kept = await db.Steps.Where(s => ids.Contains(s.SessionId)).GroupBy(s => s.SessionId).Select(g => new { g.Key, Steps = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Steps, StringComparer.Ordinal, cancel);
            _kept = ids.ToDictionary(id => id, id => kept.GetValueOrDefault(id), StringComparer.Ordinal);
        }
    }

    private static void Add<T>(Dictionary<string, List<T>> lists, string session, T one)
    {
        if (!lists.TryGetValue(session, out var list))
        {
            lists[session] = list = [];
        }

        list.Add(one);
    }
}
