using Handrail.Access;
using Handrail.Audit;
using Handrail.Breakers;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;

namespace Handrail.Sessions;

/// <summary>A person's order to one session: pause, resume, stop, take over, hand back, a message.</summary>
public sealed class ControlSession(HandrailStore store)
{
    /// <summary>Carries out the order and gives back the session as it then is. An order that already holds is no error.</summary>
    /// <param name="seenVersion">The session's version as the person saw it; null when it was not said.</param>
    /// <exception cref="Refusal">No right, no session, another version, or an order that the state does not permit.</exception>
    public Task<Session> HandleAsync(
        Caller caller, string sessionId, ControlKind kind, string? reason, string? payloadJson, long? seenVersion, CancellationToken cancel)
    {
        if (kind is ControlKind.TakeOver or ControlKind.HandBack or ControlKind.Message && caller.May(Permission.Decide))
        {
            // A reviewer may take over what the queue brought up.
        }
        else
        {
            caller.Demand(Permission.Control);
        }

        return store.WriteAsync(
            async unit =>
            {
                var session = await unit.Db.LockKnownSessionAsync(caller, sessionId, cancel);
                if (seenVersion is { } seen && seen != session.Version)
                {
                    throw Refusal.Stale($"The session has changed since you saw it: it is {session.State.Text()} now.", SessionAnswer.Of(session));
                }

                await ApplyAsync(unit, session, caller, kind, reason, payloadJson, cancel);
                return session;
            },
            cancel);
    }

    /// <summary>The order itself, within a transaction that holds the session's row.</summary>
    internal static async Task ApplyAsync(
        UnitOfWork unit, Session session, Caller by, ControlKind kind, string? reason, string? payloadJson, CancellationToken cancel)
    {
        var before = session.Control;
        if (!Permit(session, by, kind))
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
            await Voiding.CancelAsync(unit, a => a.SessionId == id, h => h.SessionId == id && h.Kind != HandoffKind.Breaker, by.Name, why, cancel);
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
    }

    /// <summary>False when the order already holds.</summary>
    private static bool Permit(Session session, Caller by, ControlKind kind)
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
                if (now == ControlState.TakenOver && !string.Equals(session.TakenOverBy, by.Name, StringComparison.Ordinal))
                {
                    throw Refusal.Conflict($"{session.TakenOverBy} has already taken the session over.", SessionAnswer.Of(session));
                }

                return now != ControlState.TakenOver;
            case ControlKind.HandBack:
                if (now != ControlState.TakenOver)
                {
                    throw Refusal.Conflict("Nobody has taken the session over.", SessionAnswer.Of(session));
                }

                if (!string.Equals(session.TakenOverBy, by.Name, StringComparison.Ordinal) && !by.May(Permission.Control))
                {
                    throw Refusal.Conflict($"{session.TakenOverBy} has taken the session over and alone hands it back.", SessionAnswer.Of(session));
                }

                return true;
            default:
                return true;
        }
    }
}
