using System.Linq.Expressions;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Notify;

/// <summary>An alert's life, within the transactions of the deeds that move it.</summary>
public static class Alerts
{
    public static string OfHandoff(string id) => $"handoff:{id}";

    /// <summary>What raised the alert of this cause is over. None, or one that is resolved already, is no error.</summary>
    public static Task ResolveAsync(UnitOfWork unit, string cause, string by, CancellationToken cancel) => ResolveAsync(unit, a => a.Cause == cause, by, cancel);

    internal static async Task ResolveAsync(UnitOfWork unit, Expression<Func<Alert, bool>> which, string by, CancellationToken cancel)
    {
        // What this transaction itself has added is to be found by the statement below.
        if (unit.Db.ChangeTracker.Entries<Alert>().Any())
        {
            await unit.Db.SaveChangesAsync(cancel);
        }

        var resolved = await unit.Db.Alerts.Where(which).Where(a => a.State != AlertState.Resolved).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.State, AlertState.Resolved).SetProperty(a => a.ResolvedBy, by).SetProperty(a => a.ResolvedAt, unit.Now).SetProperty(a => a.Untold, true),
            cancel);
        Tell(unit, resolved);
    }

    /// <summary>Somebody sees to it: nobody else is to be woken for it.</summary>
    internal static async Task<bool> AcknowledgeAsync(UnitOfWork unit, string cause, string by, CancellationToken cancel)
    {
        var acknowledged = await unit.Db.Alerts.Where(a => a.Cause == cause && a.State == AlertState.Open).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.State, AlertState.Acknowledged).SetProperty(a => a.AcknowledgedBy, by).SetProperty(a => a.AcknowledgedAt, unit.Now).SetProperty(a => a.Untold, true),
            cancel);
        Tell(unit, acknowledged);
        return acknowledged > 0;
    }

    internal static void Open(UnitOfWork unit, Notice notice) => unit.Db.Alerts.Add(Set(new Alert { Id = $"al-{Guid.CreateVersion7():n}", Cause = notice.Cause, NoticeId = notice.Id }, notice, unit.Now));

    /// <param name="alert">Read in this transaction, and tracked.</param>
    internal static void OpenAgain(UnitOfWork unit, Alert alert, Notice notice)
    {
        Set(alert, notice, unit.Now);
        (alert.AcknowledgedBy, alert.AcknowledgedAt, alert.ResolvedBy, alert.ResolvedAt, alert.Untold) = (null, null, null, null, false);
    }

    private static Alert Set(Alert alert, Notice notice, DateTimeOffset now)
    {
        (alert.NoticeId, alert.Kind, alert.Severity, alert.State, alert.OpenedAt) = (notice.Id, notice.Kind, notice.Severity, AlertState.Open, now);
        (alert.Agent, alert.SessionId, alert.HandoffId) = (notice.Agent, notice.SessionId, notice.HandoffId);
        return alert;
    }

    private static void Tell(UnitOfWork unit, int changed)
    {
        if (changed > 0)
        {
            unit.Tell(HintKind.Notice, Hint.ToSend);
        }
    }
}
