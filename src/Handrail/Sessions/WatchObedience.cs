using System.Collections.Concurrent;
using System.Globalization;
using Handrail.Access;
using Handrail.Notify;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Tells once of each order that was not acknowledged in time, by one session or by a thousand, and resolves its alert as soon as nobody owes it anything: acknowledged,
/// ended, or taken back.
/// </summary>
public sealed class WatchObedience(HandrailStore store, TimeProvider time)
{
    /// <summary>Whoever was silent for longer than this before an order, and since, is not there to obey it.</summary>
    private static readonly TimeSpan AtWork = LoseSilentSessions.DefaultSilence;

    private const int AtOnce = 2_000;

    private static readonly SessionState[] Held = [SessionState.Stopping, SessionState.Paused, SessionState.TakenOver];

    /// <summary>Sessions, as they then stood, of which is known what they owe: told of, or nothing.</summary>
    private readonly ConcurrentDictionary<(string Id, long Version), DateTimeOffset> _settled = [];

    /// <returns>How many orders were told of.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        await ResolveAsync(cancel);
        var now = time.GetUtcNow();
        foreach (var old in _settled.Where(s => s.Value < now - AtWork))
        {
            _settled.TryRemove(old);
        }

        var since = now - AtWork;
        var orders = await store.ReadAsync(
            async db =>
            {
                var sessions = await db.Sessions.Where(s => Held.Contains(s.State) && s.MovedTo == null && s.LastActivityAt >= since)
                    .OrderByDescending(s => s.LastActivityAt).Take(AtOnce).ToListAsync(cancel);
                return await StandingOrders.ReadAsync(db, sessions.FindAll(s => !_settled.ContainsKey((s.Id, s.Version))), cancel);
            },
            cancel);
        var told = 0;
        foreach (var unobeyed in orders.Where(o => o.IsUnobeyed(now)).GroupBy(o => o.Order.Seq))
        {
            told += await store.WriteAsync(unit => TellAsync(unit, [.. unobeyed], cancel), cancel) ? 1 : 0;
        }

        foreach (var settled in orders.Where(o => o.Acknowledged || o.IsUnobeyed(now)))
        {
            _settled[(settled.Session.Id, settled.Session.Version)] = now;
        }

        return told;
    }

    private static string Cause(long seq) => string.Create(CultureInfo.InvariantCulture, $"order:{seq}");

    private static async Task<bool> TellAsync(UnitOfWork unit, List<StandingOrder> unobeyed, CancellationToken cancel)
    {
        // Held, so that another process which looks at the same moment waits and then finds it told.
        var seq = unobeyed[0].Order.Seq;
        var order = await unit.Db.ControlCommands.AsNoTracking().Where(c => c.Seq == seq).ForUpdate().SingleAsync(cancel);
        var cause = Cause(seq);
        if (await unit.Db.Notices.AnyAsync(n => n.Cause == cause, cancel))
        {
            return false;
        }

        var sent = await SentSince.ReadAsync(unit.Db, unobeyed.ConvertAll(o => o.Session.Id), unobeyed.Min(o => o.Since), cancel);
        var notice = Notices.New(NoticeKind.NotObeyed, cause);
        notice.Agent = order.Scope == Scopes.Fleet && unobeyed.DistinctBy(o => o.Session.Agent).Count() > 1 ? null : unobeyed[0].Session.Agent;
        notice.SessionId = unobeyed.Count == 1 ? unobeyed[0].Session.Id : null;
        (notice.By, notice.Subject) = (order.By, order.Kind.Text().Replace('_', ' '));
        notice.Figure = unobeyed.Count == 1 ? sent.Words : string.Create(CultureInfo.InvariantCulture, $"{unobeyed.Count} sessions; {sent.Words}");
        notice.Severity = sent.Any ? NoticeSeverity.Critical : NoticeSeverity.Error;
        return await Notices.RaiseAsync(unit, notice, cancel);
    }

    private async Task ResolveAsync(CancellationToken cancel)
    {
        var over = await store.ReadAsync(
            async db =>
            {
                var causes = await db.Alerts.Where(a => a.Kind == NoticeKind.NotObeyed && a.State != AlertState.Resolved).OrderBy(a => a.OpenedAt).Select(a => a.Cause).Take(AtOnce).ToListAsync(cancel);
                var found = new List<string>();
                foreach (var cause in causes)
                {
                    if (!await IsOwedAsync(db, long.Parse(cause.AsSpan(cause.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture), cancel))
                    {
                        found.Add(cause);
                    }
                }

                return found;
            },
            cancel);
        if (over.Count > 0)
        {
            await store.WriteAsync(unit => Alerts.ResolveAsync(unit, a => over.Contains(a.Cause), Caller.System.Name, cancel), cancel);
        }
    }

    /// <summary>Whether some session still has not said that it obeyed.</summary>
    private static async Task<bool> IsOwedAsync(HandrailDb db, long seq, CancellationToken cancel)
    {
        if (await db.ControlCommands.SingleOrDefaultAsync(c => c.Seq == seq, cancel) is not { } order)
        {
            return false;
        }

        var (since, held) = (order.At - AtWork, db.Sessions.Where(s => Held.Contains(s.State) && s.MovedTo == null));
        var agent = order.Scope.StartsWith("agent:", StringComparison.Ordinal) ? order.Scope["agent:".Length..] : null;
        var session = order.Scope.StartsWith("session:", StringComparison.Ordinal) ? order.Scope["session:".Length..] : null;
        held = session is not null ? held.Where(s => s.Id == session) : held.Where(s => s.LastActivityAt >= since && (agent == null || s.Agent == agent));
        var standing = await StandingOrders.ReadAsync(db, await held.OrderByDescending(s => s.LastActivityAt).Take(AtOnce).ToListAsync(cancel), cancel);
        return standing.Exists(s => s.Order.Seq == seq && !s.Acknowledged);
    }
}
