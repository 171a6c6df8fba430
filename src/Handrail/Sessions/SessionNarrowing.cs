using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Narrows a list of sessions so that its first page costs the same however many there are. What few sessions meet is looked up by its own index,
/// and they are put in order; where all of it is met by many, the list is gone through in its order, and the first of them are soon found. Left to
/// themselves the databases guess which it is, and go through everything where they guess wrong.
/// </summary>
internal sealed class SessionNarrowing
{
    /// <summary>So many sessions are looked up one by one and put in order as soon as a list of some hundred thousand is gone through for what is met no more often.</summary>
    private const int Few = 4_000;

    /// <summary>What the index of texts is made of: a shorter text is in almost every session.</summary>
    private const int Trigram = 3;

    /// <summary>Silent sessions that are told apart by what they are at, those that were heard of last.</summary>
    private const int MostSilent = 20_000;

    private readonly bool _few;

    private SessionNarrowing(IQueryable<Session> rows, bool few) => (Rows, _few) = (rows, few);

    /// <summary>The sessions that meet the filter.</summary>
    public IQueryable<Session> Rows { get; }

    public static async Task<SessionNarrowing> ApplyAsync(
        HandrailDb db, DatabaseProvider provider, IQueryable<Session> rows, SessionFilter filter, DateTimeOffset now, CancellationToken cancel)
    {
        if (filter.Activities.Count > 0)
        {
            rows = await AtAsync(db, rows, filter.Activities, now, cancel);
        }

        foreach (var (meet, left) in Criteria(db, provider, filter))
        {
            var ids = await meet.Take(Few + 1).ToListAsync(cancel);
            if (ids.Count <= Few)
            {
                return new SessionNarrowing(Narrow(rows.Where(s => ids.Contains(s.Id)), db, left), few: true);
            }
        }

        return new SessionNarrowing(Narrow(rows, db, filter), few: false);
    }

    /// <summary>
    /// Those of the rows that are at one of these. Most follow from the state and how long nothing was heard; silent sessions that run are looked at one by one,
    /// by the rule that tells what each is at.
    /// </summary>
    private static async Task<IQueryable<Session>> AtAsync(
        HandrailDb db, IQueryable<Session> rows, IReadOnlyCollection<SessionActivity> activities, DateTimeOffset now, CancellationToken cancel)
    {
        var quiet = now - ActivityEvidence.Quiet;
        var states = Enum.GetValues<SessionState>()
            .Where(s => s != SessionState.Running && activities.Contains(new ActivityEvidence { State = s, LastActivityAt = now }.At(now))).ToList();
        var working = activities.Contains(SessionActivity.Working);
        var silent = new List<string>();
        if (activities.Any(a => a is SessionActivity.InCall or SessionActivity.OnChild or SessionActivity.BetweenTurns or SessionActivity.Silent))
        {
            var candidates = await rows.Where(s => s.State == SessionState.Running && s.LastActivityAt < quiet).OrderByDescending(s => s.LastActivityAt).Take(MostSilent)
                .Select(s => new ActivityRow(s.Id, s.Team, s.ParentSessionId, s.State, s.LastActivityAt, s.HeartbeatAt, s.Pending)).ToListAsync(cancel);
            silent = [.. (await ActivityReading.OfAsync(db, candidates, now, cancel)).Where(a => activities.Contains(a.Value)).Select(a => a.Key)];
        }

        return (states.Count > 0, working) switch
        {
            (false, false) => rows.Where(s => silent.Contains(s.Id)),
            _ => rows.Where(s => states.Contains(s.State) || (working && s.State == SessionState.Running && s.LastActivityAt >= quiet) || silent.Contains(s.Id)),
        };
    }

    /// <summary>Those of the rows that meet the filter, but for what they are at.</summary>
    public static IQueryable<Session> Narrow(IQueryable<Session> rows, HandrailDb db, SessionFilter filter)
    {
        if (filter.States.Count > 0)
        {
            // By those it is not: SQLite would look up a state that most sessions have, and put all of them in order.
            var others = Enum.GetValues<SessionState>().Except(filter.States).ToList();
            rows = rows.Where(s => !others.Contains(s.State));
        }

        if (filter.Mark == SessionMark.Disagrees)
        {
            rows = rows.Where(s => db.SessionDisagreements.Any(d => d.SessionId == s.Id));
        }
        else if (filter.Mark == SessionMark.Bypass)
        {
            rows = rows.Where(s => db.Actions.Any(a => a.SessionId == s.Id && a.BypassJson != null));
        }

        if (filter.User is { } user)
        {
            rows = rows.Where(s => s.User == user);
        }

        if (filter.Agent is { } agent)
        {
            rows = rows.Where(s => db.SessionAgents.Any(a => a.SessionId == s.Id && a.Agent == agent));
        }

        if (filter.Since is { } since)
        {
            rows = rows.Where(s => s.LastActivityAt >= since);
        }

        if (filter.Until is { } until)
        {
            rows = rows.Where(s => s.LastActivityAt < until);
        }

        if (Nanos(filter) is { } least)
        {
            // Not by the index, for the same reason.
            rows = rows.Where(s => s.CostNanos - least >= 0);
        }

        if (Text(filter) is { } text)
        {
            // By where it stands: of LIKE PostgreSQL believes that it is hardly ever met, and would put all of them in order.
#pragma warning disable CA1304, CA1310, CA1311, CA1862, CA2249 // Translated to SQL's lower() and strpos(), which know no culture.
            rows = rows.Where(s => s.Id.ToLower().IndexOf(text) >= 0 || s.Title!.ToLower().IndexOf(text) >= 0 || s.User!.ToLower().IndexOf(text) >= 0);
#pragma warning restore CA1304, CA1310, CA1311, CA1862, CA2249
        }

        return rows;
    }

    /// <summary>The first rows of parts that follow one another, each in its order. Few are all read: told that it needs only some, the database would rather go through the order.</summary>
    public async Task<List<T>> FirstAsync<T>(IEnumerable<IQueryable<T>> parts, int most, CancellationToken cancel)
    {
        var rows = new List<T>();
        foreach (var part in parts)
        {
            if (rows.Count < most)
            {
                rows.AddRange((await (_few ? part : part.Take(most - rows.Count)).ToListAsync(cancel)).Take(most - rows.Count));
            }
        }

        return rows;
    }

    /// <summary>The sessions that meet each part of the filter, each from an index that holds all it takes; and what is then left to ask.</summary>
    private static IEnumerable<(IQueryable<string> Meet, SessionFilter Left)> Criteria(HandrailDb db, DatabaseProvider provider, SessionFilter filter)
    {
        if (Text(filter) is { } text && text.EnumerateRunes().Count() >= Trigram)
        {
            yield return (WithText(db, provider, text), filter with { Text = null });
        }

        if (filter.Mark == SessionMark.Disagrees)
        {
            yield return (db.SessionDisagreements.Select(d => d.SessionId), filter);
        }
        else if (filter.Mark == SessionMark.Bypass)
        {
            yield return (db.Actions.Where(a => a.BypassJson != null).Select(a => a.SessionId), filter);
        }

        if (filter.User is { } user)
        {
            yield return (db.Sessions.Where(s => s.User == user).Select(s => s.Id), filter);
        }

        if (filter.Agent is { } agent)
        {
            yield return (db.SessionAgents.Where(a => a.Agent == agent).Select(a => a.SessionId), filter);
        }

        if (Nanos(filter) is { } least)
        {
            yield return (db.Sessions.Where(s => s.CostNanos >= least).Select(s => s.Id), filter);
        }

        if (filter.States.Count > 0)
        {
            // As constants: how often each state is met is known to the database.
            var states = filter.States;
            yield return (db.Sessions.Where(s => EF.Constant(states).Contains(s.State)).Select(s => s.Id), filter);
        }

        if (filter.Since is not null || filter.Until is not null)
        {
            var (since, until) = (filter.Since ?? DateTimeOffset.UnixEpoch, filter.Until ?? DateTimeOffset.MaxValue);
            yield return (db.Sessions.Where(s => s.LastActivityAt >= since && s.LastActivityAt < until).Select(s => s.Id), filter);
        }
    }

    private static IQueryable<string> WithText(HandrailDb db, DatabaseProvider provider, string text)
    {
        if (provider == DatabaseProvider.Postgres)
        {
            return db.SessionTexts.Where(t => t.Text.Contains(text)).Select(t => t.SessionId);
        }

        var phrase = $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return db.Database.SqlQuery<string>($"SELECT t.session_id AS Value FROM session_words JOIN session_texts t ON t.number = session_words.rowid WHERE session_words MATCH {phrase}");
    }

    private static string? Text(SessionFilter filter) =>
#pragma warning disable CA1308 // As SQL's lower() has it.
        string.IsNullOrWhiteSpace(filter.Text) ? null : filter.Text.Replace("\0", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
#pragma warning restore CA1308

    private static long? Nanos(SessionFilter filter) =>
        filter.MinCostUsd is not { } usd ? null : usd >= long.MaxValue / 1_000_000_000m ? long.MaxValue : (long)Math.Ceiling(usd * 1_000_000_000m);
}
