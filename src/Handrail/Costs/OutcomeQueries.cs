using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Costs;

/// <summary>Cost per outcome, from what agents say of the end of their sessions.</summary>
/// <param name="Lines">By agent.</param>
/// <param name="More">More sessions ended than are read: the newest were.</param>
public sealed record OutcomeReading(IReadOnlyList<UnitLine> Lines, bool More);

/// <summary>Reads the sessions that ended in a range, with what they cost from their beginning.</summary>
public sealed class OutcomeQueries(HandrailStore store)
{
    /// <summary>Sessions read at most of those that ended, and of those that others started.</summary>
    private const int Most = 200_000;

    private const string Completed = "completed";

    /// <summary>A session may have been started by one that ended so much later.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <exception cref="Refusal">No right to look.</exception>
    public Task<OutcomeReading> ReadAsync(Caller caller, SpendRange range, SpendFilter filter, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        var (since, until, begun) = (range.Since, range.Until, range.Since - Longest);
        return store.ReadAsync(
            caller,
            async db =>
            {
                // A session that ended was heard of at its end: found by an index.
                var ended = db.Sessions.Where(s => s.MovedTo == null && s.LastActivityAt >= since && s.EndedAt >= since && s.EndedAt < until);
                ended = filter.Agent is { } agent ? ended.Where(s => s.Agent == agent) : ended;
                ended = filter.User is { } user ? ended.Where(s => s.User == user) : ended;
                ended = filter.Session is { } session ? ended.Where(s => s.Id == session) : ended;
                var telling = ended.Where(s => (s.Outcome == Completed && s.UnitsName != null) || s.ParentSessionId != null || db.Sessions.Any(c => c.ParentSessionId == s.Id));
                var rows = await ReadAsync(telling.OrderByDescending(s => s.LastActivityAt), since, until, cancel);
                var rest = await RestAsync(ended.Where(s => (s.Outcome != Completed || s.UnitsName == null) && s.ParentSessionId == null && !db.Sessions.Any(c => c.ParentSessionId == s.Id)), cancel);
                var started = await ReadAsync(
                    db.Sessions.Where(s => s.MovedTo == null && s.ParentSessionId != null && s.LastActivityAt >= begun).OrderByDescending(s => s.LastActivityAt), since, until, cancel);
                var known = rows.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);

                // Of those that are not looked at themselves only what they add to one that is.
                var others = started.Where(s => !known.Contains(s.Id) && s.Unit is null).Select(s => s with { Ended = false });
                return new OutcomeReading(UnitCosts.Of([.. rows, .. others, .. rest]), rows.Count == Most);
            },
            cancel);
    }

    /// <summary>Those of which nothing came and that stand alone, by agent: most sessions of most fleets.</summary>
    private static async Task<List<EndedSession>> RestAsync(IQueryable<Sessions.Session> sessions, CancellationToken cancel) =>
    [
        .. (await sessions.GroupBy(s => s.Agent).Select(g => new
        {
            g.Key, Count = g.Count(), Whole = g.Sum(s => s.CostNanos / SpendCell.Nanos), Rest = g.Sum(s => s.CostNanos % SpendCell.Nanos), Unpriced = g.Sum(s => (long)s.UnpricedCalls),
        }).ToListAsync(cancel)).Select(g => new EndedSession($"\0{g.Key}", null, g.Key, true, null, 0, null, null, g.Whole + (g.Rest / (decimal)SpendCell.Nanos), g.Unpriced) { Sessions = g.Count }),
    ];

    private static async Task<List<EndedSession>> ReadAsync(IQueryable<Sessions.Session> sessions, DateTimeOffset since, DateTimeOffset until, CancellationToken cancel) =>
    [
        .. (await sessions.Take(Most).Select(s => new
        {
            s.Id, s.ParentSessionId, s.Agent, s.EndedAt, s.Outcome, s.UnitsName, s.UnitsCount, s.ValueAmount, s.ValueCurrency, s.CostNanos, s.UnpricedCalls,
        }).ToListAsync(cancel)).Select(s =>
        {
            var completed = s.Outcome == Completed && s.UnitsName is not null && s.UnitsCount > 0;
            return new EndedSession(
                s.Id, s.ParentSessionId, s.Agent, s.EndedAt >= since && s.EndedAt < until, completed ? s.UnitsName : null, completed ? s.UnitsCount!.Value : 0,
                completed ? s.ValueAmount : null, s.ValueCurrency, s.CostNanos / (decimal)SpendCell.Nanos, s.UnpricedCalls);
        }),
    ];
}
