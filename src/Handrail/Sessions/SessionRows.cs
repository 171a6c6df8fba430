using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>Finding a session's row for a change: an old provisional id leads to the session that took over from it.</summary>
internal static class SessionRows
{
    private const int MostMoves = 8;

    /// <summary>The row, locked until the transaction ends, or null.</summary>
    public static async Task<Session?> LockSessionAsync(this HandrailDb db, string id, CancellationToken cancel)
    {
        for (var moves = 0; moves < MostMoves; moves++)
        {
            var session = await db.Sessions.Where(s => s.Id == id).ForUpdate().SingleOrDefaultAsync(cancel);
            if (session?.MovedTo is null)
            {
                return session;
            }

            id = session.MovedTo;
        }

        return null;
    }

    /// <summary>The row, read only, or null.</summary>
    public static async Task<Session?> FindSessionAsync(this HandrailDb db, string id, CancellationToken cancel)
    {
        for (var moves = 0; moves < MostMoves; moves++)
        {
            var session = await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, cancel);
            if (session?.MovedTo is null)
            {
                return session;
            }

            id = session.MovedTo;
        }

        return null;
    }

    /// <summary>The row, locked, when the caller may know of it.</summary>
    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public static async Task<Session> LockKnownSessionAsync(this HandrailDb db, Caller caller, string id, CancellationToken cancel) =>
        await KnownAsync(db, caller, id, await db.LockSessionAsync(id, cancel), cancel);

    /// <summary>The row, read only, when the caller may know of it.</summary>
    /// <exception cref="Refusal">There is none, or none for this caller.</exception>
    public static async Task<Session> FindKnownSessionAsync(this HandrailDb db, Caller caller, string id, CancellationToken cancel) =>
        await KnownAsync(db, caller, id, await db.FindSessionAsync(id, cancel), cancel);

    private static async Task<Session> KnownAsync(HandrailDb db, Caller caller, string id, Session? session, CancellationToken cancel) =>
        session is not null && caller.MaySee(session.Team, session.Agent) && await db.AllowSessionAsync(caller, session.Id, cancel) ? session : throw Refusal.NotFound($"session '{id}'");
}
