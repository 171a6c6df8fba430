using System.Linq.Expressions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Costs;

/// <summary>An hour's row of either table, as sums over it are written.</summary>
internal sealed class SpendRow
{
    public DateTimeOffset Hour { get; init; }

    public required string Agent { get; init; }

    public required string Kind { get; init; }

    public required string Source { get; init; }

    public string? User { get; init; }

    public long Nanos { get; init; }

    public long Input { get; init; }

    public long Output { get; init; }

    public long Cached { get; init; }

    public long Written { get; init; }

    public int Calls { get; init; }

    public int Unpriced { get; init; }
}

/// <summary>A row with what it is added up under.</summary>
internal sealed class KeyedRow
{
    public string? Key { get; init; }

    public required SpendRow Row { get; init; }
}

/// <summary>
/// A sum as the database gives it. Each large figure comes in two parts, of whole units and of what is left: senders choose the figures, and a sum that
/// does not fit its column fails as a whole.
/// </summary>
internal sealed class SpendCell
{
    public const long Nanos = 1_000_000_000;
    public const long Tokens = 1_000_000;

    public DateTimeOffset Hour { get; init; }

    public string? Key { get; init; }

    public long WholeUsd { get; init; }

    public long RestNanos { get; init; }

    public long WholeInput { get; init; }

    public long RestInput { get; init; }

    public long WholeOutput { get; init; }

    public long RestOutput { get; init; }

    public long WholeCached { get; init; }

    public long RestCached { get; init; }

    public long WholeWritten { get; init; }

    public long RestWritten { get; init; }

    public long Calls { get; init; }

    public long Unpriced { get; init; }

    public SpendSum Sum => new(
        WholeUsd + (RestNanos / (decimal)Nanos), Whole(WholeInput, RestInput), Whole(WholeOutput, RestOutput), Whole(WholeCached, RestCached), Whole(WholeWritten, RestWritten), Calls, Unpriced);

    private static decimal Whole(long millions, long rest) => ((decimal)millions * Tokens) + rest;
}

/// <summary>The hours' rows of a range and a filter, and what they are broken down by.</summary>
internal static class SpendRows
{
    /// <summary>By hour and key, in one reading: what is added up of it agrees with itself, however much comes in meanwhile.</summary>
    public static Task<List<SpendCell>> CellsAsync(HandrailDb db, SpendRange range, SpendFilter filter, SpendBy by, CancellationToken cancel) =>
        Keyed(Of(db, range, filter, by == SpendBy.User), by).GroupBy(r => new { r.Row.Hour, r.Key }).Select(g => new SpendCell
        {
            Hour = g.Key.Hour,
            Key = g.Key.Key,
            WholeUsd = g.Sum(r => r.Row.Nanos / SpendCell.Nanos),
            RestNanos = g.Sum(r => r.Row.Nanos % SpendCell.Nanos),
            WholeInput = g.Sum(r => r.Row.Input / SpendCell.Tokens),
            RestInput = g.Sum(r => r.Row.Input % SpendCell.Tokens),
            WholeOutput = g.Sum(r => r.Row.Output / SpendCell.Tokens),
            RestOutput = g.Sum(r => r.Row.Output % SpendCell.Tokens),
            WholeCached = g.Sum(r => r.Row.Cached / SpendCell.Tokens),
            RestCached = g.Sum(r => r.Row.Cached % SpendCell.Tokens),
            WholeWritten = g.Sum(r => r.Row.Written / SpendCell.Tokens),
            RestWritten = g.Sum(r => r.Row.Written % SpendCell.Tokens),
            Calls = g.Sum(r => (long)r.Row.Calls),
            Unpriced = g.Sum(r => (long)r.Row.Unpriced),
        }).ToListAsync(cancel);

    /// <summary>Whatever asks for a user or a session goes by the sessions' rows: only a session has one. Everything else goes by the agents', which are fewer.</summary>
    private static IQueryable<SpendRow> Of(HandrailDb db, SpendRange range, SpendFilter filter, bool bySession)
    {
        var rows = bySession || filter.User is not null || filter.Session is not null ? BySession(db, range, filter.User, filter.Session) : ByAgent(db, range);
        if (filter.Agent is { } agent)
        {
            rows = rows.Where(r => r.Agent == agent);
        }

        return (filter.Model, filter.Tool) switch
        {
            ({ } model, { } tool) => rows.Where(r => (r.Kind == HourlyCost.Model && r.Source == model) || (r.Kind == HourlyCost.Tool && r.Source == tool)),
            ({ } model, null) => rows.Where(r => r.Kind == HourlyCost.Model && r.Source == model),
            (null, { } tool) => rows.Where(r => r.Kind == HourlyCost.Tool && r.Source == tool),
            _ => rows,
        };
    }

    private static IQueryable<KeyedRow> Keyed(IQueryable<SpendRow> rows, SpendBy by) => rows.Select((Expression<Func<SpendRow, KeyedRow>>)(by switch
    {
        SpendBy.Agent => r => new KeyedRow { Key = r.Agent, Row = r },
        SpendBy.Model => r => new KeyedRow { Key = r.Kind == HourlyCost.Model ? r.Source : null, Row = r },
        SpendBy.Tool => r => new KeyedRow { Key = r.Kind == HourlyCost.Tool ? r.Source : null, Row = r },
        _ => r => new KeyedRow { Key = r.User, Row = r },
    }));

    private static IQueryable<SpendRow> ByAgent(HandrailDb db, SpendRange range)
    {
        var (since, until) = (range.Since, range.Until);
        return db.HourlyCosts.Where(h => h.Hour >= since && h.Hour < until).Select(h => new SpendRow
        {
            Hour = h.Hour,
            Agent = h.Agent,
            Kind = h.Kind,
            Source = h.Source,
            Nanos = h.CostNanos,
            Input = h.InputTokens,
            Output = h.OutputTokens,
            Cached = h.CachedTokens,
            Written = h.CacheWriteTokens,
            Calls = h.Kind == HourlyCost.Model ? h.Calls : 0,
            Unpriced = h.UnpricedCalls,
        });
    }

    private static IQueryable<SpendRow> BySession(HandrailDb db, SpendRange range, string? user, string? only)
    {
        var (since, until) = (range.Since, range.Until);
        return
            from h in db.SessionHours
            join session in db.Sessions on h.SessionId equals session.Id into known
            from s in known.DefaultIfEmpty()
            where h.Hour >= since && h.Hour < until && (user == null || s!.User == user) && (only == null || h.SessionId == only)
            select new SpendRow
            {
                Hour = h.Hour,
                Agent = h.Agent,
                Kind = h.Kind,
                Source = h.Source,
                User = s!.User,
                Nanos = h.CostNanos,
                Input = h.InputTokens,
                Output = h.OutputTokens,
                Cached = h.CachedTokens,
                Written = h.CacheWriteTokens,
                Calls = h.Kind == HourlyCost.Model ? h.Calls : 0,
                Unpriced = h.UnpricedCalls,
            };
    }
}
