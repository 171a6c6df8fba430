namespace Handrail.Costs;

/// <summary>A session as its end is counted.</summary>
/// <param name="ParentId">The session that started it.</param>
/// <param name="Ended">It ended in the time that is looked at.</param>
/// <param name="Unit">What it brought forth, as its end says: <c>article</c>; null where it says nothing, or did not complete.</param>
/// <param name="CostUsd">All that it spent itself, from its beginning.</param>
/// <param name="Unpriced">Calls whose cost is not known.</param>
public sealed record EndedSession(string Id, string? ParentId, string Agent, bool Ended, string? Unit, decimal Count, decimal? Value, string? Currency, decimal CostUsd, long Unpriced)
{
    /// <summary>More than one where it stands for all of an agent of which nothing came and that started none and were started by none.</summary>
    public int Sessions { get; init; } = 1;
}

/// <summary>What one agent's sessions that ended brought forth, and what that cost.</summary>
/// <param name="Unit">Null for sessions of which nothing came that is counted.</param>
/// <param name="Sessions">How many ended.</param>
/// <param name="Count">How many units they brought forth together.</param>
/// <param name="CostUsd">What they cost, with the sessions that they started and that count nothing themselves.</param>
/// <param name="Values">What they say it is worth, by currency.</param>
public sealed record UnitLine(string Agent, string? Unit, int Sessions, decimal Count, decimal CostUsd, long Unpriced, IReadOnlyList<(string Currency, decimal Amount)> Values)
{
    /// <summary>Null where none came.</summary>
    public decimal? PerUnit => Count > 0 ? CostUsd / Count : null;

    /// <summary>The same with what the agent's other sessions cost of which nothing came; null where the agent brings forth several things, and they are nobody's.</summary>
    public decimal? PerUnitWithRest { get; init; }
}

/// <summary>Cost per outcome. Each session counts once: with its own outcome, or with that of the session it was started by.</summary>
public static class UnitCosts
{
    /// <summary>Sessions that start sessions are followed so far; agents say themselves who started whom, in circles too.</summary>
    private const int Deepest = 32;

    /// <param name="sessions">Those that ended, and those that others started, whether they ended or not.</param>
    /// <returns>By agent, the dearest unit first.</returns>
    public static IReadOnlyList<UnitLine> Of(IReadOnlyCollection<EndedSession> sessions)
    {
        var byId = sessions.ToDictionary(s => s.Id, StringComparer.Ordinal);
        var lines = sessions.Select(s => (Session: s, Of: Bearer(s, byId))).Where(s => s.Of is not null).GroupBy(s => (s.Of!.Agent, s.Of.Unit)).Select(g =>
        {
            var bearers = g.Where(s => ReferenceEquals(s.Session, s.Of)).Select(s => s.Session).ToList();
            return new UnitLine(
                g.Key.Agent, g.Key.Unit, bearers.Sum(s => s.Sessions), bearers.Sum(s => s.Count), g.Sum(s => s.Session.CostUsd), g.Sum(s => s.Session.Unpriced),
                [
                    .. bearers.Where(s => s is { Value: not null, Currency: not null }).GroupBy(s => s.Currency!, StringComparer.Ordinal)
                        .Select(c => (c.Key, c.Sum(s => s.Value!.Value))).OrderBy(c => c.Key, StringComparer.Ordinal),
                ]);
        }).ToList();
        return
        [
            .. lines.GroupBy(l => l.Agent, StringComparer.Ordinal).OrderByDescending(g => g.Sum(l => l.CostUsd)).ThenBy(g => g.Key, StringComparer.Ordinal)
                .SelectMany(WithRest),
        ];
    }

    private static IEnumerable<UnitLine> WithRest(IEnumerable<UnitLine> agent)
    {
        var (units, rest) = (agent.Where(l => l.Unit is not null).OrderByDescending(l => l.CostUsd).ThenBy(l => l.Unit, StringComparer.Ordinal).ToList(), agent.FirstOrDefault(l => l.Unit is null));
        if (units is [{ Count: > 0 } only])
        {
            units[0] = only with { PerUnitWithRest = (only.CostUsd + (rest?.CostUsd ?? 0)) / only.Count };
        }

        return rest is null ? units : [.. units, rest];
    }

    /// <summary>The session whose outcome it belongs to; null for one that goes on and was started by none that ended.</summary>
    private static EndedSession? Bearer(EndedSession session, Dictionary<string, EndedSession> byId)
    {
        var bearer = session.Ended ? session : null;
        var at = session;
        for (var steps = 0; steps < Deepest && at.Unit is null && at.ParentId is { } id && byId.TryGetValue(id, out var parent) && parent != session; steps++)
        {
            at = parent;
            bearer = at.Ended ? at : bearer;
        }

        return bearer;
    }
}
