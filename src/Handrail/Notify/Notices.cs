using Handrail.Access;
using Handrail.Breakers;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>
/// How deeds enter themselves in the outbox: each within its own transaction, so that what did not happen is told to nobody, and what
/// happened is told for certain.
/// </summary>
public static class Notices
{
    private static readonly NoticeKind[] WantingAPerson =
        [NoticeKind.HandoffOpened, NoticeKind.HandoffEscalated, NoticeKind.DeadlineNear, NoticeKind.BreakerTripped, NoticeKind.NotObeyed, NoticeKind.ConsoleUnwell];

    /// <summary>True for what a person has to see to, which is acknowledged and escalated; the rest is told and no more.</summary>
    public static bool WantsAPerson(NoticeKind kind) => WantingAPerson.Contains(kind);

    /// <summary>
    /// Tells of something that wants a person, with one alert for its cause: as long as the alert of the same cause is not resolved,
    /// nothing is told again. The caller holds a row that keeps others from raising the same cause at once, a session's or a scope's.
    /// </summary>
    /// <param name="notice">Its <see cref="Notice.Kind"/>, <see cref="Notice.Cause"/> and fields; number and time are set here.</param>
    /// <returns>True when it is told; false when the alert is open already.</returns>
    public static async Task<bool> RaiseAsync(UnitOfWork unit, Notice notice, CancellationToken cancel)
    {
        var alert = await unit.Db.Alerts.SingleOrDefaultAsync(a => a.Cause == notice.Cause, cancel);
        if (alert is { State: not AlertState.Resolved })
        {
            return false;
        }

        Add(unit, notice);
        if (alert is null)
        {
            Alerts.Open(unit, notice);
        }
        else
        {
            Alerts.OpenAgain(unit, alert, notice);
        }

        return true;
    }

    /// <summary>A new notice of this cause, to be filled and given to <see cref="RaiseAsync"/> or told of by one of the words here.</summary>
    public static Notice New(NoticeKind kind, string cause) => new() { Id = $"n-{Guid.CreateVersion7():n}", Kind = kind, Cause = cause, Severity = Usual(kind) };

    /// <summary>A handoff was just opened, with a new id.</summary>
    /// <param name="breaker">The name of the breaker, where one tripped.</param>
    /// <param name="figure">The figure that tripped it, in our own words.</param>
    public static void Opened(UnitOfWork unit, Handoff handoff, string? breaker = null, string? figure = null)
    {
        var notice = Of(
            handoff.Kind switch
            {
                HandoffKind.Sample => NoticeKind.SampleOpened,
                HandoffKind.Breaker => NoticeKind.BreakerTripped,
                _ => NoticeKind.HandoffOpened,
            },
            handoff);
        (notice.Subject, notice.Figure) = (breaker, figure);
        Enter(unit, notice);
    }

    /// <summary>A breaker tripped and its handoff was just opened.</summary>
    internal static void Tripped(UnitOfWork unit, Handoff handoff, BreakerTrip trip)
    {
        var notice = Of(NoticeKind.BreakerTripped, handoff);
        (notice.Subject, notice.Outcome) = (trip.BreakerId, trip.Then.Text());
        notice.Figure = $"{TripWords.Figure(trip.Metric, trip.Figure, trip.Currency)} {TripWords.Counted(trip.Metric)}, the limit is {TripWords.Figure(trip.Metric, trip.Threshold, trip.Currency)}";
        if (trip.Then is BreakerOutcome.Alert or BreakerOutcome.Review)
        {
            // Nothing was halted: it goes on until a person says otherwise.
            notice.Severity = NoticeSeverity.Error;
        }

        if (trip.Scope != Scopes.Session(trip.SessionId))
        {
            // It counts over many sessions, of which this one was only the last straw.
            (notice.SessionId, notice.Agent) = (null, trip.Scope == Scopes.Fleet ? null : trip.Agent);
        }

        Enter(unit, notice);
    }

    /// <summary>A handoff was put before another role.</summary>
    /// <param name="alert">The alert of its cause, read in this transaction and tracked, where there is one.</param>
    internal static void Escalated(UnitOfWork unit, Handoff handoff, Alert? alert)
    {
        var notice = Of(NoticeKind.HandoffEscalated, handoff);
        Add(unit, notice);

        // Others are asked now, and none of them has seen to it yet.
        if (alert is not null)
        {
            Alerts.OpenAgain(unit, alert, notice);
        }
        else
        {
            Alerts.Open(unit, notice);
        }
    }

    internal static void DeadlineNear(UnitOfWork unit, Handoff handoff) => Add(unit, Of(NoticeKind.DeadlineNear, handoff));

    /// <summary>A handoff was decided, or its time is over.</summary>
    internal static Task ClosedAsync(UnitOfWork unit, Handoff handoff, CancellationToken cancel) => ClosedAsync(unit, [handoff], handoff.DecidedBy ?? Caller.System.Name, cancel);

    /// <summary>Handoffs were decided by one, or the time of all of them is over.</summary>
    internal static async Task ClosedAsync(UnitOfWork unit, IReadOnlyList<Handoff> handoffs, string by, CancellationToken cancel)
    {
        List<string> causes = [];
        foreach (var handoff in handoffs)
        {
            if (handoff.Kind != HandoffKind.Sample)
            {
                var notice = Of(handoff.Status == HandoffStatus.Expired ? NoticeKind.HandoffExpired : NoticeKind.HandoffDecided, handoff);
                (notice.Outcome, notice.By) = (handoff.Status.Text(), handoff.DecidedBy);
                Add(unit, notice);
                causes.Add(notice.Cause);
            }
        }

        if (causes.Count > 0)
        {
            await Alerts.ResolveAsync(unit, a => EF.Parameter(causes).Contains(a.Cause), by, cancel);
        }
    }

    /// <summary>A session was paused, resumed, stopped, taken over or handed back.</summary>
    internal static void Ordered(UnitOfWork unit, Session session, ControlKind kind, string by)
    {
        if (OfOrder(kind) is { } ordered)
        {
            var notice = New(ordered, $"session:{session.Id}");
            (notice.Agent, notice.SessionId, notice.By, notice.Subject) = (session.Agent, session.Id, by, "session");
            Add(unit, notice);
        }
    }

    /// <summary>An agent, or the fleet where it is null, was paused, resumed or stopped.</summary>
    internal static void Ordered(UnitOfWork unit, string? agent, ControlKind kind, string by)
    {
        if (OfOrder(kind) is { } ordered)
        {
            var notice = New(ordered, agent is null ? Scopes.Fleet : Scopes.Agent(agent));
            (notice.Agent, notice.By, notice.Subject) = (agent, by, agent is null ? "fleet" : "agent");
            if (ordered == NoticeKind.Stopped)
            {
                notice.Severity = NoticeSeverity.Error;
            }

            Add(unit, notice);
        }
    }

    internal static void Switched(UnitOfWork unit, string what, string name, bool off, string by)
    {
        var notice = New(off ? NoticeKind.SwitchedOff : NoticeKind.SwitchedOn, $"{what}:{name}");
        (notice.Subject, notice.By) = ($"{what} {name}", by);
        Add(unit, notice);
    }

    internal static void Published(UnitOfWork unit, string scope, int version, string by)
    {
        var notice = New(NoticeKind.PolicyPublished, $"policy:{scope}:{version}");
        (notice.Agent, notice.PolicyVersion, notice.By, notice.Subject) = (scope == Scopes.Fleet ? null : scope["agent:".Length..], version, by, scope == Scopes.Fleet ? "fleet" : "agent");
        Add(unit, notice);
    }

    private static void Enter(UnitOfWork unit, Notice notice)
    {
        Add(unit, notice);
        if (WantsAPerson(notice.Kind))
        {
            Alerts.Open(unit, notice);
        }
    }

    internal static void Add(UnitOfWork unit, Notice notice)
    {
        notice.At = unit.Now;
        unit.Db.Notices.Add(notice);
        unit.Tell(HintKind.Notice, Hint.ToSend);
    }

    private static Notice Of(NoticeKind kind, Handoff handoff)
    {
        var notice = New(kind, Alerts.OfHandoff(handoff.Id));
        notice.Agent = handoff.Agent;
        notice.SessionId = handoff.SessionId;
        notice.HandoffId = handoff.Id;
        notice.HandoffKind = handoff.Kind.Text();
        notice.Type = handoff.Type;
        notice.Amount = handoff.Amount;
        notice.Currency = handoff.Currency;
        notice.Risk = handoff.Risk;
        notice.Role = handoff.Role;
        notice.ExpiresAt = handoff.ExpiresAt;
        return notice;
    }

    private static NoticeKind? OfOrder(ControlKind kind) => kind switch
    {
        ControlKind.Pause => NoticeKind.Paused,
        ControlKind.Resume => NoticeKind.Resumed,
        ControlKind.Stop => NoticeKind.Stopped,
        ControlKind.TakeOver => NoticeKind.TakenOver,
        ControlKind.HandBack => NoticeKind.HandedBack,
        _ => null,
    };

    private static NoticeSeverity Usual(NoticeKind kind) => kind switch
    {
        NoticeKind.BreakerTripped => NoticeSeverity.Critical,
        NoticeKind.NotObeyed or NoticeKind.DeadlineNear or NoticeKind.HandoffEscalated or NoticeKind.HandoffExpired or NoticeKind.ConsoleUnwell => NoticeSeverity.Error,
        NoticeKind.HandoffOpened or NoticeKind.Stopped or NoticeKind.Paused or NoticeKind.SwitchedOff => NoticeSeverity.Warning,
        _ => NoticeSeverity.Info,
    };
}
