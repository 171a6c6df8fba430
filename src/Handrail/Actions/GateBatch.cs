using Handrail.Access;
using Handrail.Audit;
using Handrail.Ingest;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>
/// Decides on questions of different sessions in one transaction. What one of them is refused for leaves no trace and does not touch the
/// others; budgets that several draw on are drawn on in turn.
/// </summary>
internal sealed class GateBatch(UnitOfWork unit, DatabaseProvider provider, ActionGate gate, AuditStanding audit, IReadOnlyList<GateCall> calls)
{
    /// <summary>When an agent that is held may ask again.</summary>
    internal static readonly TimeSpan HeldRetry = TimeSpan.FromSeconds(5);

    private readonly HandrailDb _db = unit.Db;
    private readonly Bulk _bulk = new(unit.Db, provider);
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Budget> _budgets = new(StringComparer.Ordinal);
    private readonly List<(Session Session, string Why)> _stops = [];
    private readonly GateBreakers _breakers = new(unit, gate);
    private readonly List<Session> _new = [];
    private readonly List<Session> _touched = [];
    private readonly List<SessionAgent> _agents = [];
    private readonly List<SessionTool> _tools = [];
    private readonly List<GatedAction> _actions = [];
    private GateReads _reads = new();
    private Dictionary<string, List<EarlierAction>> _pieces = new(StringComparer.Ordinal);
    private long? _lastCommand;

    /// <summary>The outcome of each call, in their order; to be told once the transaction is committed.</summary>
    public async Task<GateOutcome[]> DecideAsync(CancellationToken cancel)
    {
        _reads = await GateReads.ReadAsync(_bulk, calls, unit.Now, cancel);
        if (await MakeAgentsAsync(cancel))
        {
            _reads = await GateReads.ReadAsync(_bulk, calls, unit.Now, cancel);
        }

        await LoadSessionsAsync(cancel);
        await HoldBudgetsAsync(cancel);
        await ReadPiecesAsync(cancel);
        var decided = new GateOutcome[calls.Count];
        for (var i = 0; i < decided.Length; i++)
        {
            try
            {
                decided[i] = new GateOutcome(await AnswerAsync(calls[i], cancel), null);
            }
            catch (Refusal refusal)
            {
                decided[i] = new GateOutcome(null, refusal);
            }
        }

        await WriteAsync(cancel);
        await _breakers.CarryOutAsync(cancel);
        foreach (var (session, why) in _stops)
        {
            _db.Sessions.Attach(session);
            await ControlSession.ApplyAsync(unit, session, Caller.System, ControlKind.Stop, why, null, cancel);
        }

        return decided;
    }

    /// <summary>Enters agents in the registry that are heard of for the first time.</summary>
    /// <returns>True when there were any.</returns>
    private async Task<bool> MakeAgentsAsync(CancellationToken cancel)
    {
        var made = false;
        foreach (var call in calls.Where(c => IsCallersKeyGood(c) && !_reads.Knows(c.Request.Agent)).DistinctBy(c => c.Request.Agent, StringComparer.Ordinal))
        {
            if (!_reads.Agents.TryGetValue(call.Request.Agent, out var known) || known.Team == call.Caller.Team)
            {
                await OpenSession.EnsureAgentAsync(unit, call.Caller, call.Request.Agent, cancel);
                made = true;
            }
        }

        return made;
    }

    private bool IsCallersKeyGood(GateCall call) =>
        call.Caller.Kind != CallerKind.AgentKey || (_reads.Keys.TryGetValue(call.Caller.Id, out var team) && team == call.Caller.Team);

    /// <summary>Past EF's change tracker, whose cost by row is many times that of the rest.</summary>
    private async Task WriteAsync(CancellationToken cancel)
    {
        await _bulk.InsertAsync("sessions", SessionColumns.All, _new, "", cancel);
        await _bulk.UpdateAsync("sessions", SessionColumns.Key, GateColumns.Session, _touched, cancel);
        await _bulk.InsertAsync("session_agents", SessionColumns.Agents, _agents, "", cancel);
        await _bulk.InsertAsync("session_tools", SessionColumns.Tools, _tools, "", cancel);
        await _bulk.InsertAsync("actions", GateColumns.Action, _actions, "", cancel);
        if (_db.ChangeTracker.HasChanges())
        {
            await _db.SaveChangesAsync(cancel);
        }
    }

    private async Task LoadSessionsAsync(CancellationToken cancel)
    {
        var present = _reads.Sessions.Where(s => s.Value is null).Select(s => s.Key).ToList();
        if (present.Count > 0)
        {
            foreach (var session in await _db.Sessions.AsNoTracking().Where(s => present.Contains(s.Id)).ToListAsync(cancel))
            {
                _sessions[session.Id] = session;
            }

            await _reads.ReadOrdersAsync(_bulk, _sessions.Values.Select(s => s.Agent), cancel);
        }
    }

    /// <summary>Every budget that the questions may draw on, held until the commit; in one order, so that two processes can't wait for one another.</summary>
    private async Task HoldBudgetsAsync(CancellationToken cancel)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var call in calls.Where(c => _reads.Knows(c.Request.Agent)))
        {
            var layers = await gate.LayersAsync(_db, call.Request.Agent, _reads.Versions(call.Request.Agent), cancel);
            var session = _reads.Sessions.GetValueOrDefault(call.SessionId) ?? call.SessionId;
            names.UnionWith(Gate.BudgetsFor(layers, call.Request, session, unit.Now).Select(k => ActionGate.BudgetName(k, call.Request.Agent)));
        }

        if (names.Count > 0)
        {
            foreach (var budget in await _db.Budgets.Where(b => names.Contains(b.Key)).OrderBy(b => b.Key).ForUpdate().ToListAsync(cancel))
            {
                _budgets[budget.Key] = budget;
            }
        }
    }

    /// <summary>Of the few sessions in which an amount was refused and another is asked for, what else was asked since.</summary>
    private async Task ReadPiecesAsync(CancellationToken cancel)
    {
        if (_reads.Refused.Count == 0)
        {
            return;
        }

        var asking = calls.Where(c => c.Request.Amount is not null).Select(c => c.SessionId).ToHashSet(StringComparer.Ordinal);
        var refused = _reads.Refused.Where(r => asking.Contains(r.Key) && r.Value.Exists(e => e.Amount is not null)).ToList();
        if (refused.Count > 0)
        {
            _pieces = await GateReads.PiecesAsync(_bulk, [.. refused.Select(r => r.Key)], refused.Min(r => r.Value.Min(e => e.RequestedAt)), cancel);
        }
    }

    /// <summary>Notes at an action which refused one it may go around, and what later ones are to be compared with.</summary>
    private void NoteBypass(Session session, GatedAction action, GateQuestion question)
    {
        var refused = _reads.Refused.GetValueOrDefault(session.Id);
        var print = refused is not null || !action.Proceed ? PossibleBypass.PrintOf(question.Arguments) : null;
        action.ArgumentsPrint = action.Proceed ? null : print;
        if (refused is null)
        {
            return;
        }

        var asked = new EarlierAction(action.ActionId, action.Type, action.Status, action.RequestedAt)
        {
            Tool = action.Tool,
            Vendor = action.Vendor,
            Amount = action.Amount,
            Currency = action.Currency,
            ArgumentsPrint = print,
        };
        action.BypassJson = PossibleBypass.Find(asked, [.. refused, .. _pieces.GetValueOrDefault(session.Id) ?? []]) is { } around ? JsonText.Of(around) : null;
    }

    /// <returns>Null when the call is to be asked again: another of the batch is about the session that its own has moved to.</returns>
    private async Task<GateAnswer?> AnswerAsync(GateCall call, CancellationToken cancel)
    {
        if (!IsCallersKeyGood(call))
        {
            throw KeysInForce.Gone();
        }

        if (_reads.Agents.TryGetValue(call.Request.Agent, out var agent) && agent.Team != call.Caller.Team)
        {
            throw Refusal.NotAllowed($"The agent '{call.Request.Agent}' belongs to another team.");
        }

        var session = await SessionAsync(call, cancel);
        if (session.Team != call.Caller.Team)
        {
            throw Refusal.NotFound($"session '{call.SessionId}'");
        }

        if (!_taken.Add(session.Id))
        {
            return null;
        }

        if (_reads.Decided.Contains((session.Id, call.Request.ActionId)))
        {
            return Told(session, await DecidedBeforeAsync(session, call, cancel));
        }

        var action = await DecideAsync(call, session, cancel);
        return Told(session, action);
    }

    private GateAnswer Told(Session session, GatedAction action)
    {
        var orders = _reads.Orders(action.Agent, session.Agent).Select(o => o.State);
        var stops = action.Verdict == Verdict.Stop && action.Status == ActionStatus.Stopped;
        return new GateAnswer(action, stops ? ControlState.Stopped : ControlQueries.Strictest(session.Control, orders), _reads.Versions(action.Agent).ToString());
    }

    private async Task<Session> SessionAsync(GateCall call, CancellationToken cancel)
    {
        if (_sessions.TryGetValue(call.SessionId, out var known))
        {
            return known;
        }

        if (_reads.Sessions.TryGetValue(call.SessionId, out var moved) && moved is not null)
        {
            var there = await _db.LockSessionAsync(moved, cancel) ?? throw Refusal.NotFound($"session '{call.SessionId}'");
            await ReadMoreAsync(there, call.Request.ActionId, cancel);
            _db.Entry(there).State = EntityState.Detached;
            return _sessions[call.SessionId] = there;
        }

        _lastCommand ??= await _db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0;
        var session = new Session
        {
            Id = call.SessionId,
            Team = call.Caller.Team!,
            Agent = call.Request.Agent,
            StartedAt = unit.Now,
            LastActivityAt = unit.Now,
            ControlBase = _lastCommand.Value,
        };
        var orders = _reads.Orders(session.Agent).Select(o => o.State).ToList();
        session.ScopePaused = orders.Contains(ControlState.Paused);
        session.Control = orders.Contains(ControlState.Stopped) ? ControlState.Stopped : ControlState.Running;
        session.Restate();
        return session;
    }

    private async Task ReadMoreAsync(Session session, string action, CancellationToken cancel)
    {
        var id = session.Id;
        await _reads.ReadOrdersAsync(_bulk, [session.Agent], cancel);
        foreach (var tool in await _db.SessionTools.AsNoTracking().Where(t => t.SessionId == id).Select(t => t.Tool).ToListAsync(cancel))
        {
            _reads.AddTool(id, tool);
        }

        foreach (var refused in await _db.Actions.AsNoTracking().Where(a => a.SessionId == id && (a.Status == ActionStatus.Denied || a.Status == ActionStatus.Rejected || a.Status == ActionStatus.Expired))
            .OrderByDescending(a => a.RequestedAt).Take(100)
            .Select(a => new EarlierAction(a.ActionId, a.Type, a.Status, a.RequestedAt) { Tool = a.Tool, Vendor = a.Vendor, Amount = a.Amount, Currency = a.Currency, ArgumentsPrint = a.ArgumentsPrint })
            .ToListAsync(cancel))
        {
            _reads.AddRefused(id, refused);
        }

        if (_reads.Refused.TryGetValue(id, out var before))
        {
            _pieces[id] = (await GateReads.PiecesAsync(_bulk, [id], before.Min(e => e.RequestedAt), cancel)).GetValueOrDefault(id) ?? [];
        }

        var scope = Scopes.Session(id);
        foreach (var trip in await _db.BreakerTrips.AsNoTracking().Where(t => t.Scope == scope).ToListAsync(cancel))
        {
            _reads.Add(trip);
        }

        _reads.SessionAgents.UnionWith((await _db.SessionAgents.AsNoTracking().Where(a => a.SessionId == id).Select(a => a.Agent).ToListAsync(cancel)).Select(a => (id, a)));
        if (await _db.Actions.AnyAsync(a => a.SessionId == id && a.ActionId == action, cancel))
        {
            _reads.Decided.Add((id, action));
        }
    }

    private async Task<GatedAction> DecidedBeforeAsync(Session session, GateCall call, CancellationToken cancel)
    {
        var known = await _db.Actions.AsNoTracking().SingleAsync(a => a.SessionId == session.Id && a.ActionId == call.Request.ActionId, cancel);
        return known.Digest == call.Question.Digest
            ? known
            : throw Refusal.Conflict($"The action id '{known.ActionId}' was already used with another body in this session.", ActionAnswer.Of(known));
    }

    private async Task<GatedAction> DecideAsync(GateCall call, Session session, CancellationToken cancel)
    {
        var (request, question) = (call.Request, call.Question);
        if (_sessions.ContainsKey(call.SessionId))
        {
            await _breakers.BeforeAsync(session, request.Agent, _reads, cancel);
        }

        var reading = await gate.DecideAsync(_db, session, request, _reads.Versions(request.Agent), Gathered(session, request), unit.Now, cancel);
        if (reading.Decision.Held)
        {
            throw new Refusal(RefusalKind.Held, "The session is held: " + string.Join(" ", reading.Decision.Reasons.Select(r => r.Text)))
            {
                RetryAfter = HeldRetry,
                State = SessionAnswer.Of(session),
            };
        }

        var action = GateRecord.Action(unit, session, question, reading);
        if (action.Proceed)
        {
            audit.Demand();
        }

        NoteBypass(session, action, question);
        _actions.Add(action);
        (_sessions.ContainsKey(call.SessionId) ? _touched : _new).Add(session);
        Reserve(reading.Decision.Reservations, action.Agent);
        Touch(session, action);
        if (action.Status == ActionStatus.Pending || action.Sampled)
        {
            GateRecord.Handoff(unit, session, action, question, reading.Decision.Review);
        }

        await _breakers.AfterAsync(session, action, _reads, cancel);
        if (action.Verdict == Verdict.Stop && session.Control != ControlState.Stopped)
        {
            _stops.Add((session, reading.Decision.Reasons[0].Text));
        }

        return action;
    }

    private GateFacts Gathered(Session session, ActionRequest request)
    {
        // The agent that the session belongs to may be held though the one that asks is not.
        var scopes = _reads.Orders(request.Agent, session.Agent).Select(o => new ControlOrder(o.Scope == Scopes.Fleet ? "fleet" : "agent", o.State, o.Reason));
        var agent = _reads.Agents[request.Agent];
        return new GateFacts(
            [.. session.Control == ControlState.Running ? [] : new[] { new ControlOrder("session", session.Control) }, .. scopes],
            agent.DataScopesJson, agent.RequiresUser,
            request.User is null ? null : _reads.PrincipalScopes.GetValueOrDefault(request.User, "[]"),
            [.. _reads.ToolsOf(session.Id)],
            name => _budgets.GetValueOrDefault(name)?.Reserved ?? 0,
            _reads.Disabled)
        {
            Tripped = GateBreakers.Tripped(_reads, session, request.Agent),
        };
    }

    private void Reserve(IReadOnlyList<BudgetReservation> reservations, string agent)
    {
        foreach (var reservation in reservations)
        {
            var name = ActionGate.BudgetName(reservation.Budget, agent);
            if (!_budgets.TryGetValue(name, out var budget))
            {
                _budgets[name] = budget = new Budget { Key = name, Currency = reservation.Currency };
                _db.Budgets.Add(budget);
            }

            budget.Reserved += reservation.Amount;
        }
    }

    private void Touch(Session session, GatedAction action)
    {
        session.LastActivityAt = unit.Now;
        session.User ??= action.User;
        session.AgentVersion ??= action.AgentVersion;
        if (session.EndedAt is not null && session.Control != ControlState.Stopped)
        {
            // It asks, so it has not ended.
            (session.EndedAt, session.Outcome) = (null, null);
        }

        if (action.Tool is { } tool && _reads.AddTool(session.Id, tool))
        {
            _tools.Add(new SessionTool { SessionId = session.Id, Tool = tool, FirstUsedAt = unit.Now });
        }

        if (_reads.SessionAgents.Add((session.Id, action.Agent)))
        {
            _agents.Add(new SessionAgent { SessionId = session.Id, Agent = action.Agent });
        }

        session.Restate();
        unit.Tell(HintKind.Session, session.Id);
    }
}
