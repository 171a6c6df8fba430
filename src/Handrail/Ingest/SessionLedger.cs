using Handrail.Live;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Ingest;

/// <summary>A session that steps are to go to.</summary>
internal readonly record struct WantedSession(string Team, string Agent, bool Provisional);

/// <summary>The sessions that a batch touches: found, made where there are none, held, and written back with their new totals.</summary>
internal sealed class SessionLedger(UnitOfWork unit, Bulk bulk)
{
    /// <summary>Before this no agent traced anything: an earlier start is a clock's mistake.</summary>
    private static readonly DateTimeOffset EarliestPlausible = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, (string Team, string? MovedTo)> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Session> _held = new(StringComparer.Ordinal);

    public Session this[string id] => _held[id];

    /// <summary>The session that an id stands for by now.</summary>
    public string Follow(string id)
    {
        for (var moves = 0; moves < 8 && _seen.TryGetValue(id, out var session) && session.MovedTo is { } moved; moves++)
        {
            id = moved;
        }

        return id;
    }

    /// <summary>True when another team has the session.</summary>
    public bool IsForeign(string id, string team) => _seen.TryGetValue(id, out var session) && !string.Equals(session.Team, team, StringComparison.Ordinal);

    /// <summary>Looks for sessions, without holding them.</summary>
    /// <returns>True when something new was learned of them.</returns>
    public async Task<bool> LookAsync(IEnumerable<string> ids, CancellationToken cancel)
    {
        var learned = false;
        for (var unasked = ids.Where(_asked.Add).ToList(); unasked.Count > 0;)
        {
            var rows = await bulk.ReadAsync(
                "SELECT id, team, moved_to FROM sessions WHERE id {in}", unasked,
                r => (Id: r.GetString(0), Team: r.GetString(1), MovedTo: r.TextOrNull(2)), cancel);
            foreach (var row in rows)
            {
                _seen[row.Id] = (row.Team, row.MovedTo);
                learned = true;
            }

            unasked = [.. rows.Select(r => r.MovedTo).OfType<string>().Where(_asked.Add)];
        }

        return learned;
    }

    /// <summary>Makes the sessions that are not there and holds them all until the transaction ends.</summary>
    /// <param name="wanted">Sessions that steps go to.</param>
    /// <param name="left">Sessions that steps may leave.</param>
    public async Task HoldAsync(IReadOnlyDictionary<string, WantedSession> wanted, IEnumerable<string> left, CancellationToken cancel)
    {
        var missing = wanted.Where(w => !_seen.ContainsKey(w.Key)).OrderBy(w => w.Key, StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            await OpenAsync(missing, cancel);
        }

        var ids = wanted.Keys.Union(left, StringComparer.Ordinal).ToList();
        var rows = await unit.Db.Sessions.AsNoTracking().Where(s => ids.Contains(s.Id)).OrderBy(s => s.Id).ForUpdate().ToListAsync(cancel);
        foreach (var row in rows)
        {
            if ((_seen.TryGetValue(row.Id, out var seen) ? seen : (wanted[row.Id].Team, null)) != (row.Team, row.MovedTo))
            {
                throw new LostRaceException("a session has just been made or moved");
            }

            _held[row.Id] = row;
        }

        if (_held.Count < ids.Count)
        {
            throw new LostRaceException("a session has just been removed");
        }
    }

    /// <summary>What is already ordered for the agent or the fleet holds for a new session from its first moment.</summary>
    private async Task OpenAsync(List<KeyValuePair<string, WantedSession>> missing, CancellationToken cancel)
    {
        var orders = await OrdersAsync(missing.Select(m => m.Value.Agent), cancel);
        var last = await unit.Db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0;
        var sessions = missing.ConvertAll(m =>
        {
            var session = new Session
            {
                Id = m.Key,
                Team = m.Value.Team,
                Agent = m.Value.Agent,
                Provisional = m.Value.Provisional,
                StartedAt = unit.Now,
                LastActivityAt = unit.Now,
                ControlBase = last,
            };
            var ordered = Ordered(orders, m.Value.Agent);
            session.ScopePaused = ordered.Contains(ControlState.Paused);
            session.Control = ordered.Contains(ControlState.Stopped) ? ControlState.Stopped : ControlState.Running;
            session.Restate();
            return session;
        });
        await bulk.InsertAsync("sessions", SessionColumns.All, sessions, "ON CONFLICT (id) DO NOTHING", cancel);
    }

    /// <summary>Held against change: an order to the agent or the fleet is either wholly before these sessions or finds them.</summary>
    private async Task<Dictionary<string, ControlState>> OrdersAsync(IEnumerable<string> agents, CancellationToken cancel)
    {
        var scopes = agents.Distinct(StringComparer.Ordinal).Select(Scopes.Agent).Append(Scopes.Fleet).ToList();
        return await unit.Db.ScopeControls.AsNoTracking().Where(c => scopes.Contains(c.Scope)).OrderBy(c => c.Scope).ForShare().ToDictionaryAsync(c => c.Scope, c => c.State, cancel);
    }

    private static ControlState[] Ordered(Dictionary<string, ControlState> orders, string agent) =>
        [orders.GetValueOrDefault(Scopes.Fleet), orders.GetValueOrDefault(Scopes.Agent(agent))];

    /// <summary>Adds the batch's changes to the sessions' totals.</summary>
    public void Apply(IReadOnlyDictionary<string, SessionChange> changes, IReadOnlySet<string> named)
    {
        foreach (var (id, change) in changes)
        {
            var session = _held[id];
            session.Steps += change.Steps;
            session.Turns += change.Turns;
            session.LlmCalls += change.LlmCalls;
            session.ToolCalls += change.ToolCalls;
            session.Errors += change.Errors;
            session.InputTokens = BoundedSum.Of(session.InputTokens, change.InputTokens);
            session.OutputTokens = BoundedSum.Of(session.OutputTokens, change.OutputTokens);
            session.CachedTokens = BoundedSum.Of(session.CachedTokens, change.CachedTokens);
            session.CostNanos = BoundedSum.Of(session.CostNanos, change.CostNanos);
            session.UnpricedCalls += change.UnpricedCalls;
            session.User ??= change.EndUser;
            if (change.FirstReceivedAt < (session.FirstReceivedAt ?? DateTimeOffset.MaxValue))
            {
                session.FirstReceivedAt = change.FirstReceivedAt;
            }

            session.Provisional &= !named.Contains(id);
            if (change.Context is { } context && (session.ContextAt is null || context.At >= session.ContextAt))
            {
                (session.ContextAt, session.ContextTokens) = (context.At, context.Tokens);
            }

            if (change.Pending is { } pending && !(session.PendingAt > pending.At))
            {
                (session.Pending, session.PendingAt) = (pending.What, pending.At);
            }

            if (change.Active)
            {
                session.Touch(unit.Now);
            }

            // Steps that came from another session may have been heard of later than anything of this one.
            session.LastActivityAt = change.LastReceivedAt > session.LastActivityAt ? change.LastReceivedAt : session.LastActivityAt;
            unit.Tell(HintKind.Session, id);
        }
    }

    /// <summary>Looks up again, in what remains, the beginning and the context that a session had from steps that left it.</summary>
    public async Task RecallAsync(IReadOnlyDictionary<string, SessionChange> changes, CancellationToken cancel)
    {
        foreach (var (id, change) in changes.Where(c => c.Value.Left.Count > 0))
        {
            var session = _held[id];
            var steps = unit.Db.Steps.AsNoTracking().Where(s => s.SessionId == id);
            if (change.Left.Contains(session.StartedAt))
            {
                session.StartedAt = await steps.MinAsync(s => (DateTimeOffset?)s.StartedAt, cancel) ?? session.StartedAt;
            }

            if (session.ContextAt is { } at && change.Left.Contains(at))
            {
                var call = await steps.Where(s => s.Counts && s.Kind == StepKind.Llm && s.InputTokens != null).OrderByDescending(s => s.StartedAt)
                    .Select(s => new { s.StartedAt, s.InputTokens }).FirstOrDefaultAsync(cancel);
                (session.ContextAt, session.ContextTokens) = (call?.StartedAt, call?.InputTokens ?? 0);
            }
        }
    }

    /// <summary>
    /// The session belongs to the agent of its earliest step, however late that one came, unless it was opened under an agent's
    /// name by other means than steps; and it began with that step.
    /// </summary>
    public async Task SettleAgentsAsync(IReadOnlyDictionary<string, SessionChange> changes, CancellationToken cancel)
    {
        var doubtful = new List<string>();
        foreach (var (id, change) in changes)
        {
            var session = _held[id];
            var start = change.Earliest is { } earliest && earliest.At >= EarliestPlausible && earliest.At < session.StartedAt ? earliest.At : (DateTimeOffset?)null;
            if (change.Earliest is { } first && first.Agent == session.Agent)
            {
                session.AgentVersion ??= first.Version;
            }
            else if (session.MovedTo is null && (start is not null || change.Agents.GetValueOrDefault(session.Agent) < 0))
            {
                doubtful.Add(id);
            }

            session.StartedAt = start ?? session.StartedAt;
        }

        if (doubtful.Count == 0)
        {
            return;
        }

        var opened = (await unit.Db.SessionAgents.AsNoTracking().Where(a => doubtful.Contains(a.SessionId) && !a.FromSteps).ToListAsync(cancel))
            .Select(a => (a.SessionId, a.Agent)).ToHashSet();
        var resettled = new List<Session>();
        foreach (var id in doubtful)
        {
            var session = _held[id];
            var agent = opened.Contains((id, session.Agent))
                ? session.Agent
                : await unit.Db.Steps.AsNoTracking().Where(s => s.SessionId == id).OrderBy(s => s.StartedAt).ThenBy(s => s.SpanId).Select(s => s.Agent).FirstOrDefaultAsync(cancel);
            if (agent is not null && agent != session.Agent)
            {
                session.Agent = agent;
                session.AgentVersion = changes[id].Earliest is { } first && first.Agent == agent ? first.Version : null;
                resettled.Add(session);
            }
        }

        if (resettled.Count == 0)
        {
            return;
        }

        var orders = await OrdersAsync(resettled.Select(s => s.Agent), cancel);
        foreach (var session in resettled)
        {
            var ordered = Ordered(orders, session.Agent);
            session.ScopePaused = ordered.Contains(ControlState.Paused);
            session.Control = ordered.Contains(ControlState.Stopped) ? ControlState.Stopped : session.Control;
            session.Restate();
        }
    }

    /// <summary>
    /// A session whose step links to a trace of another one goes on from that, unless it is said to go on from one already. A trace that has not
    /// come yet leads nowhere.
    /// </summary>
    /// <returns>Those that now have a session above them.</returns>
    public async Task<IReadOnlyList<string>> LinkAsync(IReadOnlyDictionary<string, SessionChange> changes, CancellationToken cancel)
    {
        var linking = changes.Where(c => c.Value.LinkedTraceId is not null && _held[c.Key] is { ParentSessionId: null, MovedTo: null }).ToList();
        if (linking.Count == 0)
        {
            return [];
        }

        var linked = new List<string>();
        var traces = linking.Select(l => l.Value.LinkedTraceId!).Distinct(StringComparer.Ordinal).ToList();
        var found = (await bulk.ReadAsync(
            "SELECT t.trace_id, s.id, s.team, s.parent_session_id FROM traces t JOIN sessions s ON s.id = t.session_id WHERE s.moved_to IS NULL AND t.trace_id {in}", traces,
            r => (Trace: r.GetString(0), Session: r.GetString(1), Team: r.GetString(2), Parent: r.TextOrNull(3)), cancel)).ToDictionary(t => t.Trace, StringComparer.Ordinal);
        foreach (var (id, change) in linking)
        {
            var session = _held[id];
            if (found.TryGetValue(change.LinkedTraceId!, out var from) && from.Session != id && from.Team == session.Team && from.Parent != id)
            {
                session.ParentSessionId = from.Session;
                linked.Add(id);
            }
        }

        return linked;
    }

    public Task<int> WriteAsync(IEnumerable<string> ids, CancellationToken cancel) =>
        bulk.UpdateAsync("sessions", SessionColumns.Key, SessionColumns.Totals, [.. ids.Order(StringComparer.Ordinal).Select(id => _held[id])], cancel);
}
