using Handrail.Access;
using Handrail.Actions;
using Handrail.Costs;
using Handrail.Policy;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>How the figures that thresholds are set for were distributed over the last 30 days.</summary>
public sealed class ThresholdQueries(HandrailStore store, TimeProvider time)
{
    /// <summary>How far back figures are looked for.</summary>
    public static readonly TimeSpan Lately = TimeSpan.FromDays(30);

    /// <summary>Beyond so many the newest tell enough, and more would be slow.</summary>
    public const int MostRead = 100_000;

    /// <exception cref="Refusal">No right to look.</exception>
    public Task<ThresholdHistory> ReadAsync(Caller caller, ThresholdSubject subject, CancellationToken cancel)
    {
        caller.Demand(Permission.View);

        // Off the caller's context: sorting many figures must not hold up a page.
        return Task.Run(() => subject switch
        {
            LimitSubject limit => AmountsAsync(limit, cancel),
            BreakerSubject { Scope: BreakerScope.Session } breaker => SessionsAsync(breaker, cancel),
            BreakerSubject breaker => HoursAsync(breaker, cancel),
            _ => throw new ArgumentException($"{subject.GetType().Name} is no subject known here.", nameof(subject)),
        });
    }

    /// <summary>Amounts by agent, action type as it is compared, and currency; those of all agents together under an agent without a name.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyDictionary<(string Agent, string Type, string Currency), ThresholdHistory>> AmountsAsync(Caller caller, CancellationToken cancel)
    {
        caller.Demand(Permission.View);
        return Task.Run<IReadOnlyDictionary<(string, string, string), ThresholdHistory>>(async () =>
        {
            var rows = await AmountRowsAsync(null, null, cancel);
            return rows.SelectMany(r => new[] { r, r with { Agent = "" } }).GroupBy(r => (r.Agent, Type: ComparableText.Of(r.Type), r.Currency))
                .ToDictionary(g => (g.Key.Agent, g.Key.Type, g.Key.Currency), g => new ThresholdHistory([.. g.Select(r => r.Amount)], "actions") { Cut = rows.Count == MostRead });
        });
    }

    private async Task<ThresholdHistory> AmountsAsync(LimitSubject limit, CancellationToken cancel)
    {
        var rows = await AmountRowsAsync(limit.Agent, limit.Currency, cancel);
        var (category, vendor) = (Comparable(limit.Category), Comparable(limit.Vendor));
        var document = limit.Type is null ? null : new PolicyDocument { Actions = [new ActionLevel(limit.Type, Autonomy.Off)] };
        var covered = rows.Select(r => r.Type).Distinct().Where(type => document?.LevelEntryFor(type) is not null || document is null).ToHashSet(StringComparer.Ordinal);
        return new ThresholdHistory(
            [.. rows.Where(r => covered.Contains(r.Type) && (category is null || Comparable(r.Category) == category) && (vendor is null || Comparable(r.Vendor) == vendor)).Select(r => r.Amount)],
            "actions")
        {
            Cut = rows.Count == MostRead,
        };
    }

    private Task<List<AmountRow>> AmountRowsAsync(string? agent, string? currency, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            var since = time.GetUtcNow() - Lately;
            var actions = db.Actions.AsNoTracking().Where(a => a.RequestedAt >= since && a.Amount != null && a.Currency != null);
            if (agent is not null)
            {
                actions = actions.Where(a => a.Agent == agent);
            }

            if (currency is not null)
            {
                actions = actions.Where(a => a.Currency == currency);
            }

            return await actions.OrderByDescending(a => a.RequestedAt).Take(MostRead)
                .Select(a => new AmountRow(a.Agent, a.Type, a.Category, a.Vendor, a.Currency!, a.Amount!.Value)).ToListAsync(cancel);
        },
        cancel);

    /// <summary>What whole sessions came to: a breaker with a window would count less of each.</summary>
    private Task<ThresholdHistory> SessionsAsync(BreakerSubject breaker, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            var since = time.GetUtcNow() - Lately;
            if (breaker.Metric is BreakerMetric.DeniedActions or BreakerMetric.AllowedAmount)
            {
                return await OfActionsAsync(db, breaker, since, cancel);
            }

            var sessions = db.Sessions.AsNoTracking().Where(s => s.LastActivityAt >= since && s.MovedTo == null && (breaker.Agent == null || s.Agent == breaker.Agent))
                .OrderByDescending(s => s.LastActivityAt).Take(MostRead);
            var figures = breaker.Metric switch
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
                _ => null,
            };
            if (breaker.Metric == BreakerMetric.ElapsedSeconds)
            {
                var spans = await sessions.Select(s => new { s.StartedAt, s.LastActivityAt }).ToListAsync(cancel);
                return new ThresholdHistory([.. spans.Select(s => decimal.Round((decimal)Math.Max(0, (s.LastActivityAt - s.StartedAt).TotalSeconds)))], "sessions") { Cut = spans.Count == MostRead };
            }

            if (figures is null)
            {
                return ThresholdHistory.NotKept;
            }

            var read = await figures.ToListAsync(cancel);
            var unit = breaker.Metric == BreakerMetric.CostUsd ? 1_000_000_000m : 1m;
            return new ThresholdHistory([.. read.Select(f => f / unit)], "sessions") { Cut = read.Count == MostRead };
        },
        cancel);

    private static async Task<ThresholdHistory> OfActionsAsync(HandrailDb db, BreakerSubject breaker, DateTimeOffset since, CancellationToken cancel)
    {
        var actions = db.Actions.AsNoTracking().Where(a => a.RequestedAt >= since && (breaker.Agent == null || a.Agent == breaker.Agent)).OrderByDescending(a => a.RequestedAt).Take(MostRead);
        var rows = await actions.Select(a => new { a.SessionId, a.Verdict, a.Status, a.Amount, a.Currency }).ToListAsync(cancel);
        var figures = rows.GroupBy(r => r.SessionId).Select(g => breaker.Metric == BreakerMetric.DeniedActions
            ? g.Count(r => r.Verdict is Verdict.Deny or Verdict.Stop)
            : g.Where(r => r.Status is ActionStatus.Allowed or ActionStatus.Approved && r.Currency == breaker.Currency).Sum(r => r.Amount ?? 0));
        return new ThresholdHistory([.. figures], "sessions") { Cut = rows.Count == MostRead };
    }

    /// <summary>What every stretch of the window's length came to, one beginning with every hour, where anything happened in it.</summary>
    private Task<ThresholdHistory> HoursAsync(BreakerSubject breaker, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            if (breaker.Metric is not (BreakerMetric.CostUsd or BreakerMetric.LlmCalls or BreakerMetric.ToolCalls or BreakerMetric.Tokens or BreakerMetric.Errors))
            {
                return ThresholdHistory.NotKept;
            }

            var since = time.GetUtcNow() - Lately;
            var rows = await db.HourlyCosts.AsNoTracking().Where(h => h.Hour >= since && (breaker.Agent == null || h.Agent == breaker.Agent))
                .GroupBy(h => new { h.Agent, h.Hour, h.Kind })
                .Select(g => new { g.Key.Agent, g.Key.Hour, g.Key.Kind, Cost = g.Sum(h => h.CostNanos), Tokens = g.Sum(h => h.InputTokens + h.OutputTokens), Calls = g.Sum(h => h.Calls), Errors = g.Sum(h => h.Errors) })
                .ToListAsync(cancel);
            var hours = Math.Clamp((int)Math.Ceiling((breaker.Window ?? TimeSpan.FromHours(1)).TotalHours), 1, (int)Lately.TotalHours);
            var figures = rows.GroupBy(r => breaker.Scope == BreakerScope.Fleet ? "" : r.Agent).SelectMany(g => Stretches(
                g.GroupBy(r => r.Hour).Select(h => (h.Key, h.Sum(r => breaker.Metric switch
                {
                    BreakerMetric.CostUsd => r.Cost / 1_000_000_000m,
                    BreakerMetric.LlmCalls => r.Kind == HourlyCost.Model ? r.Calls : 0,
                    BreakerMetric.ToolCalls => r.Kind == HourlyCost.Tool ? r.Calls : 0,
                    BreakerMetric.Tokens => r.Tokens,
                    _ => r.Errors,
                }))),
                hours));
            return new ThresholdHistory([.. figures], hours == 1 ? "hours" : "stretches of time");
        },
        cancel);

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

    private static string? Comparable(string? text) => text is null ? null : ComparableText.Of(text);

    private sealed record AmountRow(string Agent, string Type, string? Category, string? Vendor, string Currency, decimal Amount);
}
