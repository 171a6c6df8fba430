using System.Runtime.InteropServices;
using Handrail.Access;
using Handrail.Breakers;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.Ingest;

/// <summary>
/// Stores a batch of many callers' steps in one transaction: each span once, its trace read again as a whole, and the difference
/// that makes added to sessions, turns and costs.
/// </summary>
internal sealed class IngestTransaction
{
    private readonly UnitOfWork _unit;
    private readonly Bulk _bulk;
    private readonly AgentRegistry _agents;
    private readonly NamedAgents _named;
    private readonly SessionLedger _sessions;
    private readonly ProvisionalMove _move;
    private readonly Dictionary<string, TraceWork> _traces = new(StringComparer.Ordinal);
    private readonly Dictionary<IncomingRequest, RequestOutcome> _outcomes = [];
    private readonly Tally _tally;

    private IngestTransaction(UnitOfWork unit, DatabaseProvider provider, LoopHints hints)
    {
        _unit = unit;
        _tally = new Tally(unit.Now, hints);
        _bulk = new Bulk(unit.Db, provider);
        _agents = new AgentRegistry(unit, _bulk);
        _named = new NamedAgents(_agents, _traces.Values, Outcome);
        _sessions = new SessionLedger(unit, _bulk);
        _move = new ProvisionalMove(unit, _bulk);
    }

    /// <summary>Commits the parts, or nothing of them.</summary>
    /// <returns>What became of each request's steps, and the sessions whose breakers are to be looked at.</returns>
    public static Task<(Dictionary<IncomingRequest, RequestOutcome> Outcomes, List<Noticed> Noticed)> RunAsync(
        HandrailStore store, IReadOnlyList<IncomingPart> parts, LoopHints hints, CancellationToken cancel) =>
        store.WriteTelemetryAsync(unit => new IngestTransaction(unit, store.Provider, hints).RunAsync(parts, cancel), cancel);

    private async Task<(Dictionary<IncomingRequest, RequestOutcome> Outcomes, List<Noticed> Noticed)> RunAsync(IReadOnlyList<IncomingPart> parts, CancellationToken cancel)
    {
        var good = await KeysInForce.OfAsync(_unit.Db, parts.Select(p => p.Request.Caller), _unit.Now, cancel);
        foreach (var part in parts.Where(p => !good.Contains(p.Request.Caller.Id)))
        {
            part.Request.Fail(KeysInForce.Gone());
        }

        await GatherAsync([.. parts.Where(p => good.Contains(p.Request.Caller.Id)).SelectMany(p => p.Steps)], cancel);
        await _named.RefuseAsync(cancel);
        await ReadAsync(cancel);
        await _named.NoteAsync(cancel);
        await HoldSessionsAsync(cancel);
        var moves = await MovesAsync(cancel);
        await WriteAsync(moves, cancel);
        var orders = await OrdersAsync(cancel);
        Report(orders);
        return (_outcomes, Notice(orders));
    }

    /// <summary>The sessions that something came of that is no tale of the past.</summary>
    private List<Noticed> Notice(Dictionary<string, (ControlState State, LayerVersions Versions)> orders)
    {
        var noticed = new List<Noticed>(_tally.Sessions.Count);
        foreach (var (id, change) in _tally.Sessions)
        {
            if (change.Live && _sessions[id] is { MovedTo: null } session)
            {
                noticed.Add(new Noticed(session, orders[session.Agent].Versions, change.Signs));
            }
        }

        return noticed;
    }

    private RequestOutcome Outcome(IncomingRequest request)
    {
        if (!_outcomes.TryGetValue(request, out var outcome))
        {
            _outcomes[request] = outcome = new RequestOutcome();
        }

        return outcome;
    }

    /// <summary>Holds the traces and puts to what is stored of them what comes in and is new.</summary>
    private async Task GatherAsync(List<IncomingStep> steps, CancellationToken cancel)
    {
        foreach (var trace in await TraceTables.HoldAsync(_bulk, Wanted(steps), cancel))
        {
            _traces[trace.Trace.TraceId] = trace;
        }

        var begun = _traces.Values.Where(t => t.HasStoredSteps).Select(t => t.Trace).ToList();
        if (begun.Count > 0)
        {
            foreach (var row in await TraceTables.StepsAsync(_bulk, begun.ConvertAll(t => t.TraceId), begun.Min(t => t.FirstReceivedAt), cancel))
            {
                _traces[row.TraceId].Add(new TraceStep(row, new Attribution(row.SessionId, row.Agent ?? NamedAgents.Nobody, row.Counts, row.CountsCost, row.Failed, row.IsOwn), null));
            }
        }

        foreach (var step in steps)
        {
            var (trace, outcome) = (_traces[step.Row.TraceId], Outcome(step.Request));
            if (!string.Equals(trace.Trace.Team, step.Request.Caller.Team, StringComparison.Ordinal))
            {
                outcome.Reject("the trace belongs to another team");
            }
            else
            {
                step.Row.ServiceName = step.ServiceName;
                step.Row.ReceivedAt = _unit.Now;
                outcome.Duplicates += trace.Add(new TraceStep(step.Row, null, step)) ? 0 : 1;
            }
        }
    }

    /// <summary>The traces as they most likely will be: each span new, the session the one that the earliest names.</summary>
    private Dictionary<string, Trace>.ValueCollection Wanted(List<IncomingStep> steps)
    {
        var wanted = new Dictionary<string, Trace>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            ref var trace = ref CollectionsMarshal.GetValueRefOrAddDefault(wanted, step.Row.TraceId, out var known);
            if (!known)
            {
                trace = new Trace
                {
                    TraceId = step.Row.TraceId,
                    Team = step.Request.Caller.Team!,
                    SessionId = step.Row.OwnSession ?? step.Row.ResourceSession ?? step.Row.TraceId,
                    FirstReceivedAt = _unit.Now,
                    LastReceivedAt = _unit.Now,
                };
            }

            trace!.Steps++;
        }

        return wanted.Values;
    }

    /// <summary>Reads the traces, refusing what does not belong, until there is nothing left to refuse.</summary>
    private async Task ReadAsync(CancellationToken cancel)
    {
        foreach (var trace in _traces.Values)
        {
            Read(trace);
        }

        for (var again = true; again;)
        {
            var learned = await _sessions.LookAsync(Named(), cancel);
            again = false;
            foreach (var trace in _traces.Values)
            {
                var refused = trace.Refuse(s => Forbidden(trace, s), Outcome);
                again |= refused;
                if (refused || learned)
                {
                    Read(trace);
                }
            }
        }
    }

    private HashSet<string> Named()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var trace in _traces.Values)
        {
            foreach (var step in trace.Steps)
            {
                named.Add(step.Row.SessionId);
                if (step.Row.OwnSession is { } own)
                {
                    named.Add(own);
                }

                if (step.Before is { } before)
                {
                    named.Add(before.SessionId);
                }
            }
        }

        return named;
    }

    private void Read(TraceWork trace) =>
        trace.Read(_sessions.Follow, _named.StandIn(trace.Trace.Team));

    private string? Forbidden(TraceWork trace, TraceStep step)
    {
        var team = trace.Trace.Team;
        if ((step.Row.OwnSession is { } own && _sessions.IsForeign(_sessions.Follow(own), team)) || _sessions.IsForeign(_sessions.Follow(step.Row.SessionId), team))
        {
            return "the session belongs to another team";
        }

        return step.Incoming!.Request.Caller.MayActFor(step.Row.Agent!) ? null : "this key may not speak for the agent that the span belongs to";
    }

    private async Task HoldSessionsAsync(CancellationToken cancel)
    {
        var wanted = new Dictionary<string, WantedSession>(StringComparer.Ordinal);
        foreach (var trace in _traces.Values)
        {
            foreach (var step in trace.Steps.OrderBy(s => s.Row.StartedAt))
            {
                wanted.TryAdd(step.Row.SessionId, new WantedSession(trace.Trace.Team, step.Row.Agent!, step.Row.SessionId == trace.Trace.TraceId));
            }
        }

        var left = _traces.Values.SelectMany(t => t.Steps).Select(s => s.Before?.SessionId).OfType<string>();
        await _sessions.HoldAsync(wanted, left, cancel);
    }

    /// <summary>Provisional sessions whose trace has named a session now, and where to they go.</summary>
    private async Task<List<(Session From, Session To)>> MovesAsync(CancellationToken cancel)
    {
        var moves = new List<(Session From, Session To)>();
        foreach (var trace in _traces.Values.Where(t => t.Steps.Exists(s => s.Before?.SessionId == t.Trace.TraceId) && !t.Steps.Exists(s => s.Row.SessionId == t.Trace.TraceId)))
        {
            var from = _sessions[trace.Trace.TraceId];
            var to = _sessions[trace.Steps.MinBy(s => s.Row.StartedAt)!.Row.SessionId];
            if (from is { Provisional: true, MovedTo: null })
            {
                if (await _move.MayMoveAsync(from.Id, to.Id, cancel))
                {
                    moves.Add((from, to));
                }
                else
                {
                    from.Provisional = false;
                }
            }
        }

        return moves;
    }

    private async Task WriteAsync(List<(Session From, Session To)> moves, CancellationToken cancel)
    {
        var tally = _tally;
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var trace in _traces.Values)
        {
            tally.Add(trace);
            foreach (var step in trace.Steps)
            {
                if (step.Row.OwnSession is { } own)
                {
                    named.Add(_sessions.Follow(own));
                }

                if (step.Row.ResourceSession is { } resource)
                {
                    named.Add(_sessions.Follow(resource));
                }
            }
        }

        await TraceTables.WriteAsync(_bulk, _traces.Values, cancel);
        await TallyTables.WriteTurnsAsync(_bulk, tally, cancel);
        var dropped = await TallyTables.WriteAgentsAsync(_bulk, tally, cancel);
        await TallyTables.WriteToolsAsync(_bulk, tally, _unit.Now, cancel);
        await TallyTables.WriteSessionHoursAsync(_bulk, tally.SessionHours.Values, cancel);
        await _sessions.RecallAsync(tally.Sessions, cancel);
        _sessions.Apply(tally.Sessions, named);
        await _sessions.SettleAgentsAsync(tally.Sessions, cancel);
        var linked = await _sessions.LinkAsync(tally.Sessions, cancel);
        foreach (var (from, to) in moves)
        {
            await _move.MoveAsync(from, to, cancel);
        }

        await _sessions.WriteAsync(tally.Sessions.Keys, cancel);
        await _move.ObeyAsync(cancel);
        foreach (var id in linked)
        {
            if (await _unit.Db.LockSessionAsync(id, cancel) is { } session)
            {
                await ControlSession.StopWithParentAsync(_unit, session, cancel);
            }
        }

        if (dropped.Count > 0)
        {
            await _agents.ForgetAsync(dropped, cancel);
        }

        await TallyTables.WriteMinutesAsync(_bulk, tally.Minutes.Values, cancel);
        await TallyTables.WriteLatenciesAsync(_bulk, tally, cancel);
        await TallyTables.WriteHoursAsync(_bulk, tally.Hours.Values, cancel);
    }

    /// <summary>What is ordered for the agents of the batch, and the versions of their policies: their senders hear it with the answer.</summary>
    private async Task<Dictionary<string, (ControlState State, LayerVersions Versions)>> OrdersAsync(CancellationToken cancel)
    {
        var agents = _traces.Values.SelectMany(t => t.Fresh).Select(s => s.Row.Agent!).ToHashSet(StringComparer.Ordinal);
        if (agents.Count > 0)
        {
            // A session's breakers are those of the agent that it belongs to.
            agents.UnionWith(_tally.Sessions.Keys.Select(id => _sessions[id].Agent));
        }

        if (agents.Count == 0)
        {
            return [];
        }

        var states = new Dictionary<string, ControlState>(StringComparer.Ordinal);
        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        await _bulk.ReadSeveralAsync(
            [
                ("SELECT scope, state FROM scope_controls WHERE scope {in:scopes}", r => states[r.GetString(0)] = EnumText<ControlState>.Parse(r.GetString(1))),
                ("SELECT scope, version FROM policy_heads WHERE scope {in:scopes}", r => versions[r.GetString(0)] = r.GetInt32(1)),
            ],
            [("scopes", [.. agents.Select(Scopes.Agent), Scopes.Fleet])], [], cancel);
        return agents.ToDictionary(
            a => a,
            a => (
                ControlQueries.Strictest(states.GetValueOrDefault(Scopes.Agent(a)), [states.GetValueOrDefault(Scopes.Fleet)]),
                new LayerVersions(versions.GetValueOrDefault(Scopes.Fleet), versions.GetValueOrDefault(Scopes.Agent(a)))),
            StringComparer.Ordinal);
    }

    private void Report(Dictionary<string, (ControlState State, LayerVersions Versions)> orders)
    {
        foreach (var step in _traces.Values.SelectMany(t => t.Fresh))
        {
            var outcome = Outcome(step.Incoming!.Request);
            outcome.Accepted++;
            if (outcome.Sessions.Add(step.Row.SessionId))
            {
                outcome.SessionControl = ControlQueries.Strictest(outcome.SessionControl, [_sessions[step.Row.SessionId].Control]);
            }

            if (outcome.Agents.Add(step.Row.Agent!))
            {
                var (state, versions) = orders[step.Row.Agent!];
                outcome.AgentControl = ControlQueries.Strictest(outcome.AgentControl, [state]);
                outcome.PolicyVersion = versions.ToString();
            }
        }
    }
}
