using Handrail.Access;
using Handrail.Audit;
using Handrail.Breakers;
using Handrail.Content;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>A person's order to one session: pause, resume, stop, take over, hand back, a message.</summary>
public sealed class ControlSession(HandrailStore store, ContentRules rules, OrderLatch latch)
{
    /// <summary>Lines that an agent is given with its session when it is handed back, the newest.</summary>
    private const int MostHandedBack = 100;

    /// <summary>Carries out the order and gives back the session as it then is. An order that already holds is no error.</summary>
    /// <param name="note">What the agent is told on handing back.</param>
    /// <param name="seenVersion">The session's version as the person saw it; null when it was not said.</param>
    /// <exception cref="Refusal">No right, no session, another version, or an order that the state does not permit.</exception>
    public Task<Session> HandleAsync(
        Caller caller, string sessionId, ControlKind kind, string? reason, string? note, long? seenVersion, CancellationToken cancel)
    {
        DemandRightSomewhere(caller, kind);
        if (kind is not (ControlKind.Stop or ControlKind.Pause))
        {
            latch.DemandNothing(Scopes.Session(sessionId));
        }

        return store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                await DemandRightAsync(unit.Db, caller, kind, session, cancel);
                DemandVersion(session, seenVersion);
                await ApplyAsync(unit, session, caller, kind, reason, note is null ? null : JsonText.Of(new { note }), cancel);
                return session;
            },
            cancel);
    }

    /// <summary>What a stop of the session would reach: it, and what it has started.</summary>
    /// <exception cref="Refusal">No right, or no such session.</exception>
    public Task<StopReach> ReachAsync(Caller caller, string sessionId, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return StopReach.ForAsync(store, caller, async db => await StopReach.OfSessionAsync(db, await db.FindKnownSessionAsync(caller, sessionId, cancel), cancel), cancel);
    }

    /// <summary>What a stop of all these sessions would reach: them, and what they have started.</summary>
    /// <exception cref="Refusal">No right.</exception>
    public async Task<StopReach> ReachOfManyAsync(Caller caller, IReadOnlyCollection<string> sessionIds, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        var known = await store.SeenSessionsAsync(caller, sessionIds, cancel);
        return await StopReach.ForAsync(store, caller, db => StopReach.OfSessionsAsync(db, known, cancel), cancel);
    }

    /// <summary>Writes to the user or to the agent: the agent's command says to whom, and the words are part of the session.</summary>
    /// <param name="to"><c>user</c> or <c>agent</c>.</param>
    /// <inheritdoc cref="HandleAsync"/>
    public async Task<Session> WriteAsync(Caller caller, string sessionId, string text, string to, long? seenVersion, CancellationToken cancel)
    {
        DemandRightSomewhere(caller, ControlKind.Message);
        var redaction = await rules.RedactionAsync(cancel);
        return await store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                await DemandRightAsync(unit.Db, caller, ControlKind.Message, session, cancel);
                DemandVersion(session, seenVersion);
                var id = $"m-{Guid.CreateVersion7():n}";
                await ApplyAsync(unit, session, caller, ControlKind.Message, null, JsonText.Of(new { id, text, to }), cancel);
                unit.Db.Messages.Add(new TranscriptMessage
                {
                    SessionId = session.Id, Id = id, Role = TranscriptMessage.Operator, By = caller.Name, To = to, Text = redaction.Redact(text)!, At = unit.Now,
                });
                return session;
            },
            cancel);
    }

    /// <summary>The person who holds the session is still at work on it.</summary>
    /// <exception cref="Refusal">No right, or no such session.</exception>
    public Task StayAsync(Caller caller, string sessionId, CancellationToken cancel)
    {
        DemandRightSomewhere(caller, ControlKind.TakeOver);
        return store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                if (session.Control == ControlState.TakenOver && session.TakenOverBy == caller.Name)
                {
                    TakeOverLease.Renew(unit, await TakeOverLease.FindAsync(unit, session.Id, cancel), caller.Name);
                }
            },
            cancel);
    }

    /// <summary>The order itself, within a transaction that holds the session's row. A stop goes on to what the session has started.</summary>
    internal static async Task ApplyAsync(
        UnitOfWork unit, Session session, Caller by, ControlKind kind, string? reason, string? payloadJson, CancellationToken cancel)
    {
        await ApplyToOneAsync(unit, session, by, kind, reason, payloadJson, cancel);
        if (kind == ControlKind.Stop)
        {
            await StopBelowAsync(unit, [session.Id], by, reason, cancel);
        }
    }

    /// <summary>Stops what these sessions have started, and what that has.</summary>
    internal static async Task StopBelowAsync(UnitOfWork unit, IReadOnlyCollection<string> roots, Caller by, string? reason, CancellationToken cancel)
    {
        foreach (var (id, _) in await SessionFamily.LiveBelowAsync(unit.Db, roots, cancel))
        {
            if (await unit.Db.LockSessionAsync(id, cancel) is { EndedAt: null, Control: not ControlState.Stopped } child)
            {
                await StopChildAsync(unit, child, by, reason, cancel);
            }
        }
    }

    /// <summary>A session that turns out to have been started by one that is stopped, stops with it, and with it what it has started.</summary>
    /// <param name="session">Its row is held, and tracked.</param>
    internal static async Task StopWithParentAsync(UnitOfWork unit, Session session, CancellationToken cancel)
    {
        if (session is { EndedAt: null, Control: not ControlState.Stopped } && await SessionFamily.StoppedAboveAsync(unit.Db, session, cancel) is not null)
        {
            await StopChildAsync(unit, session, Caller.System, null, cancel);
            await StopBelowAsync(unit, [session.Id], Caller.System, null, cancel);
        }
    }

    private static Task StopChildAsync(UnitOfWork unit, Session child, Caller by, string? reason, CancellationToken cancel) => ApplyToOneAsync(
        unit, child, by, ControlKind.Stop, reason is null ? "The session that started it was stopped" : $"The session that started it was stopped: {reason}",
        JsonText.Of(new StoppedWith(child.ParentSessionId!)), cancel);

    private static async Task ApplyToOneAsync(
        UnitOfWork unit, Session session, Caller by, ControlKind kind, string? reason, string? payloadJson, CancellationToken cancel)
    {
        var before = session.Control;
        var lease = before == ControlState.TakenOver || kind == ControlKind.TakeOver ? await TakeOverLease.FindAsync(unit, session.Id, cancel) : null;
        if (!Permit(session, by, kind, lease, unit.Now))
        {
            return;
        }

        switch (kind)
        {
            case ControlKind.Stop:
                session.Control = ControlState.Stopped;
                session.TakenOverBy = null;
                session.StopAcknowledged = false;
                break;
            case ControlKind.Pause:
                session.Control = ControlState.Paused;
                break;
            case ControlKind.Resume or ControlKind.HandBack:
                session.Control = ControlState.Running;
                session.TakenOverBy = null;
                break;
            case ControlKind.TakeOver:
                session.Control = ControlState.TakenOver;
                session.TakenOverBy = by.Name;
                break;
        }

        if (kind is ControlKind.Stop or ControlKind.TakeOver)
        {
            var why = kind == ControlKind.Stop ? "The session was stopped" : "The session was taken over";
            var id = session.Id;
            await Voiding.CancelAsync(
                unit, a => a.SessionId == id, h => h.SessionId == id && h.Kind != HandoffKind.Breaker && (kind == ControlKind.Stop || h.Kind != HandoffKind.TakeOver), by.Name, why, cancel);
            session.OpenHandoffs = 0;
        }

        if (by.Kind == CallerKind.Person && kind == ControlKind.Stop)
        {
            await ResumeTrips.StoppedAsync(unit, session.Id, by, cancel);
        }
        else if (by.Kind == CallerKind.Person && kind is ControlKind.Resume or ControlKind.HandBack)
        {
            await ResumeTrips.ResumedAsync(unit, Scopes.Session(session.Id), by, cancel);
        }

        switch (kind)
        {
            case ControlKind.TakeOver:
                TakeOverLease.Give(unit, session, lease, by.Name, reason);
                break;
            case ControlKind.HandBack:
                payloadJson = await HandBackAsync(unit, session, lease, by, reason, payloadJson, cancel);
                break;
            case ControlKind.Message:
                TakeOverLease.Renew(unit, lease, by.Name);
                break;
        }

        session.Restate();
        session.Version++;
        await Commands.AppendAsync(unit, Scopes.Session(session.Id), kind, by.Name, reason, payloadJson, cancel);
        Notices.Ordered(unit, session, kind, by.Name);
        if (kind == ControlKind.Stop && by.Kind == CallerKind.Person)
        {
            // Whatever of it wanted a person has had one.
            var stopped = session.Id;
            await Alerts.ResolveAsync(unit, a => a.SessionId == stopped, by.Name, cancel);
        }

        unit.Record(new AuditEntry(by, $"session.{kind.Text()}", $"session:{session.Id}")
        {
            Reason = reason,
            Tightens = kind is ControlKind.Stop or ControlKind.Pause,
            Before = new { control = before },
            After = new { control = session.Control, state = session.State },
        });
        unit.Tell(HintKind.Session, session.Id);
    }

    /// <summary>Takes back what a breaker stopped, for the person who resumes it. Nothing else lets a stopped session go on.</summary>
    internal static async Task LiftAsync(UnitOfWork unit, Session session, Caller by, string? reason, CancellationToken cancel)
    {
        (session.Control, session.StopAcknowledged) = (ControlState.Running, false);
        session.Restate();
        session.Version++;
        await Commands.AppendAsync(unit, Scopes.Session(session.Id), ControlKind.Resume, by.Name, reason, null, cancel);
        Notices.Ordered(unit, session, ControlKind.Resume, by.Name);
        unit.Record(new AuditEntry(by, "session.resume", $"session:{session.Id}")
        {
            Reason = reason,
            Before = new { control = ControlState.Stopped },
            After = new { control = session.Control, state = session.State },
        });
        unit.Tell(HintKind.Session, session.Id);
        await LiftBelowAsync(unit, session, by, reason, cancel);
    }

    /// <summary>What was stopped with a session, and by no order of its own, goes on with it.</summary>
    private static async Task LiftBelowAsync(UnitOfWork unit, Session session, Caller by, string? reason, CancellationToken cancel)
    {
        var stopped = await unit.Db.Sessions.AsNoTracking()
            .Where(s => s.ParentSessionId == session.Id && s.MovedTo == null && s.EndedAt == null && s.Control == ControlState.Stopped).OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(cancel);
        foreach (var id in stopped)
        {
            var scope = Scopes.Session(id);
            var last = await unit.Db.ControlCommands.AsNoTracking().Where(c => c.Scope == scope && c.Kind == ControlKind.Stop).OrderByDescending(c => c.Seq).FirstOrDefaultAsync(cancel);
            if (JsonText.Read<StoppedWith>(last?.PayloadJson)?.ParentSessionId == session.Id
                && await unit.Db.LockSessionAsync(id, cancel) is { Control: ControlState.Stopped } child
                && !(await ControlQueries.ScopeStatesAsync(unit.Db, child.Agent, null, cancel)).Contains(ControlState.Stopped))
            {
                await LiftAsync(unit, child, by, reason, cancel);
            }
        }
    }

    /// <summary>A reviewer may take over what the queue brought up.</summary>
    private static bool IsReviewers(ControlKind kind) => kind is ControlKind.TakeOver or ControlKind.HandBack or ControlKind.Message;

    private static void DemandRightSomewhere(Caller caller, ControlKind kind)
    {
        if (!IsReviewers(kind) || !caller.MaySomewhere(Permission.Decide))
        {
            caller.DemandSomewhere(Permission.Control);
        }
    }

    private static async Task DemandRightAsync(HandrailDb db, Caller caller, ControlKind kind, Session session, CancellationToken cancel)
    {
        if (!IsReviewers(kind) || !await db.ReachesSessionAsync(caller, Permission.Decide, session, cancel))
        {
            await db.DemandForSessionAsync(caller, Permission.Control, session, cancel);
        }
    }

    private static void DemandVersion(Session session, long? seenVersion)
    {
        if (seenVersion is { } seen && seen != session.Version)
        {
            throw Refusal.Stale($"The session has changed since you saw it: it is {session.State.Text()} now.", SessionAnswer.Of(session));
        }
    }

    /// <summary>What the agent gets back with its session: the note, and what was said while a person had it.</summary>
    private static async Task<string> HandBackAsync(
        UnitOfWork unit, Session session, Handoff? lease, Caller by, string? reason, string? payloadJson, CancellationToken cancel)
    {
        var note = JsonText.Read<HandBackNote>(payloadJson)?.Note ?? reason;
        TakeOverLease.Resolve(unit, lease, by.Name, ControlKind.HandBack.Text(), note);
        var since = lease?.OpenedAt ?? unit.Now;
        var said = await unit.Db.Messages.AsNoTracking().Where(m => m.SessionId == session.Id && m.At >= since).OrderByDescending(m => m.At).ThenByDescending(m => m.Id)
            .Take(MostHandedBack).Select(m => new { m.Role, m.By, m.To, m.Text, m.At }).ToListAsync(cancel);
        said.Reverse();
        return JsonText.Of(new { note, taken_over_at = lease?.OpenedAt, messages = said });
    }

    /// <summary>False when the order already holds.</summary>
    private static bool Permit(Session session, Caller by, ControlKind kind, Handoff? lease, DateTimeOffset at)
    {
        var now = session.Control;
        if (now == ControlState.Stopped && kind != ControlKind.Stop)
        {
            throw Refusal.Conflict("The session is stopped, and a stopped session stays stopped.", SessionAnswer.Of(session));
        }

        switch (kind)
        {
            case ControlKind.Stop:
                return now != ControlState.Stopped;
            case ControlKind.Pause:
                if (now == ControlState.TakenOver)
                {
                    throw Refusal.Conflict($"{session.TakenOverBy} has taken the session over; it is held already.", SessionAnswer.Of(session));
                }

                return now != ControlState.Paused;
            case ControlKind.Resume:
                if (now == ControlState.TakenOver)
                {
                    throw Refusal.Conflict($"{session.TakenOverBy} has taken the session over; it goes on when it is handed back.", SessionAnswer.Of(session));
                }

                if (now == ControlState.Running && session.ScopePaused)
                {
                    throw Refusal.Conflict("The agent or the fleet is paused, not this session: resume that.", SessionAnswer.Of(session));
                }

                return now != ControlState.Running;
            case ControlKind.TakeOver:
                if (now == ControlState.TakenOver && TakeOverLease.Keeps(lease, session, by, at))
                {
                    throw Refusal.Conflict($"{session.TakenOverBy} has already taken the session over.", SessionAnswer.Of(session));
                }

                return now != ControlState.TakenOver || !string.Equals(session.TakenOverBy, by.Name, StringComparison.Ordinal) || !(lease?.ClaimedUntil > at);
            case ControlKind.HandBack:
                if (now != ControlState.TakenOver)
                {
                    throw Refusal.Conflict("Nobody has taken the session over.", SessionAnswer.Of(session));
                }

                if (TakeOverLease.Keeps(lease, session, by, at) && !by.MaySomewhere(Permission.Control))
                {
                    throw Refusal.Conflict($"{session.TakenOverBy} has taken the session over and alone hands it back.", SessionAnswer.Of(session));
                }

                return true;
            case ControlKind.Message when now == ControlState.TakenOver && TakeOverLease.Keeps(lease, session, by, at):
                throw Refusal.Conflict($"{session.TakenOverBy} has taken the session over and alone writes in it.", SessionAnswer.Of(session));
            default:
                return true;
        }
    }

    private sealed record HandBackNote(string? Note);

    private sealed record StoppedWith(string? ParentSessionId);
}
