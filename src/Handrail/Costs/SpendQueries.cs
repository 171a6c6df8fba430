using Handrail.Access;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Costs;

/// <summary>What was spent, by day, agent, model, tool and user. Reads what was added up by the hour, never steps.</summary>
public sealed class SpendQueries(HandrailStore store, TimeProvider time)
{
    /// <summary>Lines that a chart tells apart by colour; the rest are drawn as one.</summary>
    public const int MostDrawn = 6;

    /// <summary>Lines that are read. What is cheaper than these is one line without a name.</summary>
    private const int MostLines = 5_000;

    /// <exception cref="Refusal">No right to look.</exception>
    public async Task<SpendReading> ReadAsync(Caller caller, SpendRange range, SpendFilter filter, SpendBy by, CancellationToken cancel)
    {
        var cells = await HoursAsync(caller, range, filter, by, cancel);
        var buckets = new SpendSum[range.Buckets().Count];
        var keys = new Dictionary<string, SpendSum>(StringComparer.Ordinal);
        foreach (var (bucket, key, sum) in cells)
        {
            buckets[bucket] += sum;
            keys[key] = keys.GetValueOrDefault(key) + sum;
        }

        var lines = Lines(keys);
        var top = lines.Where(l => l is { Key: not null, Sum.Usd: > 0 }).Take(MostDrawn).Select(l => (Key: l.Key!, Usd: new decimal[buckets.Length])).ToList();
        var drawn = top.ToDictionary(t => t.Key, t => t.Usd, StringComparer.Ordinal);
        foreach (var (bucket, key, sum) in cells)
        {
            if (drawn.TryGetValue(key, out var usd))
            {
                usd[bucket] += sum.Usd;
            }
        }

        return new SpendReading(range, filter, by, buckets.Aggregate(default(SpendSum), (a, b) => a + b), lines, buckets, top);
    }

    /// <summary>Every day's, or hour's, figure of every line: what a file holds.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public async Task<IReadOnlyList<(SpendBucket Bucket, SpendLine Line)>> CellsAsync(Caller caller, SpendRange range, SpendFilter filter, SpendBy by, CancellationToken cancel)
    {
        var (cells, buckets) = (new Dictionary<(int Bucket, string Key), SpendSum>(), range.Buckets());
        foreach (var (bucket, key, sum) in await HoursAsync(caller, range, filter, by, cancel))
        {
            cells[(bucket, key)] = cells.GetValueOrDefault((bucket, key)) + sum;
        }

        return
        [
            .. cells.Where(c => !c.Value.IsZero).OrderBy(c => c.Key.Bucket).ThenByDescending(c => c.Value.Usd).ThenBy(c => c.Key.Key, StringComparer.Ordinal)
                .Select(c => (buckets[c.Key.Bucket], new SpendLine(c.Key.Key.Length == 0 ? null : c.Key.Key, c.Value))),
        ];
    }

    /// <summary>What each name came to in each hour; what has no name is left out.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyList<(DateTimeOffset Hour, string Key, SpendSum Sum)>> ByHourAsync(Caller caller, SpendRange range, SpendFilter filter, SpendBy by, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync<IReadOnlyList<(DateTimeOffset, string, SpendSum)>>(
            caller,
            async db => [.. (await SpendRows.CellsAsync(db, range, filter, by, cancel)).Where(c => c.Key is not null).Select(c => (c.Hour, c.Key!, c.Sum))],
            cancel);
    }

    /// <summary>The sessions behind a figure, the dearest first.</summary>
    /// <param name="skip">So many of them are known already.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<SpendSessions> SessionsAsync(Caller caller, SpendRange range, SpendFilter filter, int skip, int take, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync(
            caller,
            async db =>
            {
                var spent = await Narrowed(db, range, filter).GroupBy(h => h.SessionId)
                    .Select(g => new
                    {
                        Id = g.Key, Order = g.Sum(h => (double)h.CostNanos), Whole = g.Sum(h => h.CostNanos / SpendCell.Nanos), Rest = g.Sum(h => h.CostNanos % SpendCell.Nanos),
                        Unpriced = g.Sum(h => (long)h.UnpricedCalls),
                    })
                    .Where(s => s.Order > 0 || s.Unpriced > 0).OrderByDescending(s => s.Order).ThenBy(s => s.Id).Skip(skip).Take(take + 1).ToListAsync(cancel);
                var ids = spent.ConvertAll(s => s.Id);
                var sessions = await db.Sessions.Where(s => ids.Contains(s.Id))
                    .Select(s => new { s.Id, s.Title, s.Agent, s.User, s.StartedAt, s.CostNanos, At = new ActivityRow(s.Id, s.Team, s.ParentSessionId, s.State, s.LastActivityAt, s.HeartbeatAt, s.Pending) })
                    .ToDictionaryAsync(s => s.Id, cancel);
                var activities = await ActivityReading.OfAsync(db, [.. sessions.Values.Select(s => s.At)], time.GetUtcNow(), cancel);
                return new SpendSessions(
                    [
                        .. spent.Take(take).Where(s => sessions.ContainsKey(s.Id)).Select(s =>
                        {
                            var session = sessions[s.Id];
                            return new SpendSession(
                                s.Id, session.Title, session.Agent, session.User, session.At.State, activities[s.Id], session.StartedAt, s.Whole + (s.Rest / (decimal)SpendCell.Nanos), s.Unpriced,
                                session.CostNanos / (decimal)SpendCell.Nanos);
                        }),
                    ],
                    spent.Count > take);
            },
            cancel);
    }

    private static IQueryable<SessionHour> Narrowed(HandrailDb db, SpendRange range, SpendFilter filter)
    {
        var (since, until, model, tool) = (range.Since, range.Until, filter.Model, filter.Tool);
        var rows = db.SessionHours.Where(h => h.Hour >= since && h.Hour < until);
        rows = filter.Agent is { } agent ? rows.Where(h => h.Agent == agent) : rows;
        rows = model is null && tool is null ? rows : rows.Where(h => (h.Kind == HourlyCost.Model && h.Source == model) || (h.Kind == HourlyCost.Tool && h.Source == tool));
        rows = filter.Session is { } session ? rows.Where(h => h.SessionId == session) : rows;
        return filter.User is { } user ? rows.Where(h => db.Sessions.Any(s => s.Id == h.SessionId && s.User == user)) : rows;
    }

    private Task<List<(int Bucket, string Key, SpendSum Sum)>> HoursAsync(Caller caller, SpendRange range, SpendFilter filter, SpendBy by, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync(
            caller,
            async db => (await SpendRows.CellsAsync(db, range, filter, by, cancel)).ConvertAll(c => (range.BucketOf(c.Hour), c.Key ?? "", c.Sum)),
            cancel);
    }

    /// <summary>Lines with a name, the dearest first; what has none, and what is cheaper than so many, is one line at the end.</summary>
    private static List<SpendLine> Lines(Dictionary<string, SpendSum> keys)
    {
        var named = keys.Where(k => k.Key.Length > 0 && !k.Value.IsZero).OrderByDescending(k => k.Value.Usd).ThenByDescending(k => k.Value.Calls).ThenBy(k => k.Key, StringComparer.Ordinal)
            .Select(k => new SpendLine(k.Key, k.Value)).ToList();
        var rest = named.Skip(MostLines).Aggregate(keys.GetValueOrDefault(""), (sum, line) => sum + line.Sum);
        return rest.IsZero ? named : [.. named.Take(MostLines), new SpendLine(null, rest)];
    }
}
