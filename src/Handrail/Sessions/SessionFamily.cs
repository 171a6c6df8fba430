using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// The sessions that a session has started, and those that started it: by <c>parent_session_id</c> or by a span link. A stop reaches all that are below; within one
/// team, for no session may name another team's as its parent.
/// </summary>
internal static class SessionFamily
{
    /// <summary>Sessions below one that are looked at: beyond, an agent that starts sessions without end is stopped as an agent.</summary>
    private const int MostBelow = 10_000;

    private const int MostAbove = 50;

    /// <summary>Sessions below these that are not over and not stopped, by id. What is over is gone through, for its own children may run on.</summary>
    public static async Task<List<(string Id, string Agent)>> LiveBelowAsync(HandrailDb db, IReadOnlyCollection<string> roots, CancellationToken cancel)
    {
        var (seen, live) = (new HashSet<string>(roots, StringComparer.Ordinal), new List<(string Id, string Agent)>());
        for (var level = roots.ToList(); level.Count > 0 && seen.Count < MostBelow;)
        {
            var children = await db.Sessions.AsNoTracking().Where(s => s.ParentSessionId != null && EF.Parameter(level).Contains(s.ParentSessionId) && s.MovedTo == null)
                .OrderBy(s => s.Id).Take(MostBelow).Select(s => new { s.Id, s.Agent, IsLive = s.EndedAt == null && s.Control != ControlState.Stopped }).ToListAsync(cancel);
            level = [];
            foreach (var child in children.Where(c => seen.Add(c.Id)))
            {
                level.Add(child.Id);
                if (child.IsLive)
                {
                    live.Add((child.Id, child.Agent));
                }
            }
        }

        live.Sort((one, other) => string.CompareOrdinal(one.Id, other.Id));
        return live;
    }

    /// <summary>The sessions of an agent that are not over and not stopped, by id.</summary>
    public static Task<List<string>> LiveOfAsync(HandrailDb db, string agent, CancellationToken cancel) =>
        db.Sessions.AsNoTracking().Where(s => s.Agent == agent && s.EndedAt == null && s.MovedTo == null && s.Control != ControlState.Stopped).OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(cancel);

    /// <summary>The nearest session above that is stopped; null when none is. The parent's row is held, so that a stop of it comes wholly before or wholly after.</summary>
    public static async Task<string?> StoppedAboveAsync(HandrailDb db, Session session, CancellationToken cancel)
    {
        var (seen, parent) = (new HashSet<string>(StringComparer.Ordinal) { session.Id }, session.ParentSessionId);
        while (parent is not null && seen.Add(parent) && seen.Count <= MostAbove)
        {
            var id = parent;
            var above = await db.Sessions.AsNoTracking().Where(s => s.Id == id && s.Team == session.Team).ForShare()
                .Select(s => new { s.Control, s.ParentSessionId, s.MovedTo }).SingleOrDefaultAsync(cancel);
            if (above is { Control: ControlState.Stopped, MovedTo: null })
            {
                return id;
            }

            parent = above?.MovedTo ?? above?.ParentSessionId;
        }

        return null;
    }
}
