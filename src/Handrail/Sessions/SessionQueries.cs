using System.Linq.Expressions;
using Handrail.Access;
using Handrail.Policies;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Sessions, for pages and for the API. An agent key sees those of its team's agents that it may speak for; people see what they may view.</summary>
public sealed class SessionQueries(HandrailStore store, PolicySnapshots policies, TimeProvider time)
{
    public const int MostPerPage = 500;

    private static readonly Expression<Func<Session, SessionLine>> Line = s => new SessionLine
    {
        Id = s.Id,
        State = s.State,
        Team = s.Team,
        Agent = s.Agent,
        User = s.User,
        Title = s.Title,
        Turns = s.Turns,
        Steps = s.Steps,
        Errors = s.Errors,
        Tokens = s.InputTokens + s.OutputTokens,
        ContextTokens = s.ContextTokens,
        CostNanos = s.CostNanos,
        UnpricedCalls = s.UnpricedCalls,
        StartedAt = s.StartedAt,
        LastActivityAt = s.LastActivityAt,
        EndedAt = s.EndedAt,
        ParentSessionId = s.ParentSessionId,
        HeartbeatAt = s.HeartbeatAt,
        Pending = s.Pending,
    };

    /// <summary>A page of sessions, ordered and continued by key.</summary>
    /// <exception cref="Refusal">No right, or a cursor that is none of ours.</exception>
    public Task<SessionPage> ListAsync(Caller caller, SessionFilter filter, SessionOrder order, string? cursor, int limit, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            var narrowed = await SessionNarrowing.ApplyAsync(db, store.Provider, Visible(db, caller), filter, time.GetUtcNow(), cancel);
            var rows = await narrowed.FirstAsync(narrowed.Rows.After(order, cursor).Select(r => r.InOrder(order)), limit + 1, cancel);
            var page = rows.Take(limit).ToList();
            return new SessionPage(await ReadAsync(db, page, cancel), rows.Count > limit ? SessionOrdering.CursorOf(page[^1], order) : null);
        },
        cancel);

    /// <summary>The first lines of a view: what a person sees before all of it is read.</summary>
    public Task<SessionLines> LinesAsync(Caller caller, SessionFilter filter, SessionOrder order, int most, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            var narrowed = await SessionNarrowing.ApplyAsync(db, store.Provider, Visible(db, caller), filter, time.GetUtcNow(), cancel);
            var lines = await narrowed.FirstAsync([narrowed.Rows.InOrder(order).Select(Line)], most + 1, cancel);
            return new SessionLines(await WithMarksAsync(db, lines.GetRange(0, Math.Min(most, lines.Count)), cancel), lines.Count > most);
        },
        cancel);

    /// <summary>The ids of a view in its order: of each session nothing else, so that a page can reach any line of a long view by the line's own key.</summary>
    public Task<SessionIds> IdsAsync(Caller caller, SessionFilter filter, SessionOrder order, int most, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            var narrowed = await SessionNarrowing.ApplyAsync(db, store.Provider, Visible(db, caller), filter, time.GetUtcNow(), cancel);
            return await SessionIds.ReadAsync(narrowed.Rows.InOrder(order).Take(most + 1).Select(s => s.Id).AsAsyncEnumerable(), most, cancel);
        },
        cancel);

    /// <summary>Those of these sessions that are in the view, as they now are, in no order.</summary>
    public Task<List<SessionLine>> LinesAsync(Caller caller, SessionFilter filter, IReadOnlyCollection<string> ids, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            var lines = await WithMarksAsync(db, await SessionNarrowing.Narrow(Visible(db, caller).Where(s => ids.Contains(s.Id)), db, filter).Select(Line).ToListAsync(cancel), cancel);
            return filter.Activities.Count == 0 ? lines : lines.FindAll(l => filter.Activities.Contains(l.Activity));
        },
        cancel);

    /// <summary>Notes at each line what its session is at, whether its agent obeys, whether a breaker has tripped over it and what else a person is to look at it for.</summary>
    private async Task<List<SessionLine>> WithMarksAsync(HandrailDb db, List<SessionLine> lines, CancellationToken cancel)
    {
        var (now, ids) = (time.GetUtcNow(), lines.ConvertAll(l => l.Id));
        var tripped = await db.BreakerTrips.Where(t => t.ClosedAt == null && ids.Contains(t.SessionId)).Select(t => t.SessionId).Distinct().ToHashSetAsync(StringComparer.Ordinal, cancel);
        var activities = await ActivityReading.OfAsync(db, lines.ConvertAll(l => new ActivityRow(l.Id, l.Team, l.ParentSessionId, l.State, l.LastActivityAt, l.HeartbeatAt, l.Pending)), now, cancel);
        var unobeyed = await StandingOrders.UnobeyedAsync(db, [.. lines.Where(l => activities[l.Id] == SessionActivity.Held).Select(l => l.Id)], now, cancel);
        var disagreeing = await db.SessionDisagreements.Where(d => ids.Contains(d.SessionId)).Select(d => d.SessionId).ToHashSetAsync(StringComparer.Ordinal, cancel);
        var bypasses = await BypassesAsync(db, ids, cancel);
        return lines.ConvertAll(l => l with
        {
            Activity = activities[l.Id],
            Obedience = unobeyed.GetValueOrDefault(l.Id),
            Tripped = tripped.Contains(l.Id),
            Disagrees = disagreeing.Contains(l.Id),
            PossibleBypasses = bypasses.GetValueOrDefault(l.Id),
        });
    }

    private static Task<Dictionary<string, int>> BypassesAsync(HandrailDb db, List<string> ids, CancellationToken cancel) => db.Actions
        .Where(a => a.BypassJson != null && ids.Contains(a.SessionId)).GroupBy(a => a.SessionId).Select(g => new { g.Key, Count = g.Count() })
        .ToDictionaryAsync(g => g.Key, g => g.Count, StringComparer.Ordinal, cancel);

    /// <summary>The sessions of a view that began after that place, the newest first.</summary>
    /// <param name="after">Null for the newest of all.</param>
    public Task<List<SessionStart>> BegunAsync(Caller caller, SessionFilter filter, SessionStart? after, int most, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            var narrowed = await SessionNarrowing.ApplyAsync(db, store.Provider, Visible(db, caller), filter, time.GetUtcNow(), cancel);
            var rows = narrowed.Rows;
            if (after is { } place)
            {
                var (at, id) = (place.At, place.Id);
                // The first bound is what lets the database start at that place instead of looking at every session.
                rows = rows.Where(s => s.StartedAt >= at && (s.StartedAt > at || s.Id.CompareTo(id) > 0));
            }

            return await narrowed.FirstAsync([rows.InOrder(SessionSort.StartedAt).Select(s => new SessionStart(s.StartedAt, s.Id))], most, cancel);
        },
        cancel);

    /// <summary>These sessions as they now are, in no order, whatever view they were in.</summary>
    public Task<List<SessionLine>> LinesAsync(Caller caller, IReadOnlyCollection<string> ids, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            return await WithMarksAsync(db, await Visible(db, caller).Where(s => ids.Contains(s.Id)).Select(Line).ToListAsync(cancel), cancel);
        },
        cancel);

    /// <summary>One session; an id that moved gives the session that took over from it.</summary>
    /// <param name="until">As it stood at that moment, by what is known of it now; null for now.</param>
    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public Task<SessionReading> OneAsync(Caller caller, string id, DateTimeOffset? until, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            DemandView(caller);
            var session = await db.FindKnownSessionAsync(caller, id, cancel);
            var reading = (await ReadAsync(db, [session], cancel))[0];
            return until is { } moment ? await SessionAsOf.ReadAsync(db, session, reading, moment, cancel) : reading;
        },
        cancel);

    /// <inheritdoc cref="OneAsync(Caller, string, DateTimeOffset?, CancellationToken)"/>
    public Task<SessionReading> OneAsync(Caller caller, string id, CancellationToken cancel) => OneAsync(caller, id, null, cancel);

    /// <summary>The newest lines that the agent reported for the transcript, the oldest of them first.</summary>
    /// <param name="until">Only lines said by then; null for all.</param>
    /// <exception cref="Refusal">There is no such session, or none for this caller.</exception>
    public Task<IReadOnlyList<TranscriptLine>> TranscriptAsync(Caller caller, string id, DateTimeOffset? until, int most, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<TranscriptLine>>(
        caller,
        async db =>
        {
            DemandView(caller);
            var session = await db.FindKnownSessionAsync(caller, id, cancel);
            var (end, mayRead) = (until ?? DateTimeOffset.MaxValue, await db.ReachesSessionAsync(caller, Permission.ViewContent, session, cancel));
            var lines = await db.Messages.Where(m => m.SessionId == session.Id && m.At <= end).OrderByDescending(m => m.At).ThenByDescending(m => m.Id).Take(most)
                .Select(m => new TranscriptLine(m.Id, m.Role, mayRead ? m.Text : "", m.At) { By = m.By, To = m.To }).ToListAsync(cancel);
            lines.Reverse();
            return lines;
        },
        cancel);

    /// <summary>An agent key reads what it may know of; a person takes the right to look.</summary>
    internal static void DemandView(Caller caller)
    {
        if (caller.Kind == CallerKind.Person)
        {
            caller.DemandSomewhere(Permission.View);
        }
    }

    private static IQueryable<Session> Visible(HandrailDb db, Caller caller)
    {
        var sessions = db.Sessions.Where(s => s.MovedTo == null);
        if (caller.Kind != CallerKind.AgentKey)
        {
            return sessions;
        }

        var (team, agents) = (caller.Team, caller.Agents);
        sessions = sessions.Where(s => s.Team == team);
        return agents is null ? sessions : sessions.Where(s => agents.Contains(s.Agent));
    }

    private async Task<List<SessionReading>> ReadAsync(HandrailDb db, List<Session> sessions, CancellationToken cancel)
    {
        var ids = sessions.ConvertAll(s => s.Id);
        var agents = (await db.SessionAgents.Where(a => ids.Contains(a.SessionId)).OrderBy(a => a.Agent).ToListAsync(cancel)).ToLookup(a => a.SessionId, a => a.Agent);
        var taint = await TaintLabels.OfAsync(db, policies, sessions, cancel);
        var activities = await ActivityReading.OfAsync(
            db, sessions.ConvertAll(s => new ActivityRow(s.Id, s.Team, s.ParentSessionId, s.State, s.LastActivityAt, s.HeartbeatAt, s.Pending)), time.GetUtcNow(), cancel);
        var bypasses = await BypassesAsync(db, ids, cancel);
        var disagreements = await db.SessionDisagreements.Where(d => ids.Contains(d.SessionId)).ToDictionaryAsync(d => d.SessionId, d => d.FoundJson, StringComparer.Ordinal, cancel);
        return sessions.ConvertAll(s => SessionReading.Of(s, [.. agents[s.Id]], taint.GetValueOrDefault(s.Id) ?? [], activities[s.Id]) with
        {
            Disagreements = JsonText.Read<List<Disagreement>>(disagreements.GetValueOrDefault(s.Id)) ?? [],
            PossibleBypasses = bypasses.GetValueOrDefault(s.Id),
        });
    }
}
