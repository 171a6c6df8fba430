using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Whether a session's agent does as it is told.</summary>
public sealed class ObedienceQueries(HandrailStore store, TimeProvider time)
{
    /// <summary>The order that its agent has not acknowledged in time; null while there is none.</summary>
    /// <exception cref="Refusal">No right to look, or no such session.</exception>
    public Task<UnobeyedOrder?> OneAsync(Caller caller, string sessionId, CancellationToken cancel) => store.ReadAsync(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
            if (await UnobeyedAsync(db, session, time.GetUtcNow(), cancel) is not { } standing)
            {
                return null;
            }

            var order = standing.Order;
            return new UnobeyedOrder(
                order.Seq, order.Scope, order.Kind, order.Reason, order.By, standing.Since,
                await db.ControlReceipts.Where(r => r.SessionId == session.Id && r.Seq == order.Seq).Select(r => r.DeliveredAt).SingleOrDefaultAsync(cancel),
                await SentSince.ReadAsync(db, [session.Id], standing.Since, cancel),
                session.LastActivityAt,
                await db.Agents.Where(a => a.Name == session.Agent).Select(a => a.Owner).SingleOrDefaultAsync(cancel),
                await db.ReachesSessionAsync(caller, Permission.Control, session, cancel) ? await KeysAsync(db, session, time.GetUtcNow(), cancel) : []);
        },
        cancel);

    internal static async Task<StandingOrder?> UnobeyedAsync(HandrailDb db, Session session, DateTimeOffset now, CancellationToken cancel) =>
        (await StandingOrders.ReadAsync(db, [session], cancel)).Find(s => s.IsUnobeyed(now));

    /// <summary>Keys that hold and may speak for the session's agent, the last used first.</summary>
    internal static async Task<IReadOnlyList<SessionKey>> KeysAsync(HandrailDb db, Session session, DateTimeOffset now, CancellationToken cancel)
    {
        var keys = await db.AgentKeys.AsNoTracking().Where(k => k.Team == session.Team && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)).ToListAsync(cancel);
        return
        [
            .. keys.Select(k => new SessionKey(k.Id, k.Name, JsonText.Read<List<string>>(k.AgentsJson), k.LastUsedAt))
                .Where(k => k.Agents is null || k.Agents.Contains(session.Agent, StringComparer.Ordinal)).OrderByDescending(k => k.LastUsedAt),
        ];
    }
}
