using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>How many sessions of an agent there are.</summary>
/// <param name="Activity">What those that run are at.</param>
internal sealed record SessionCount(string Agent, SessionState State, SessionActivity Activity, int Count);

/// <summary>Counts sessions that are under way, by agent, state and what they are at. Only those that run and are silent are looked at one by one.</summary>
internal static class FleetSessions
{
    /// <summary>Silent sessions that are told apart; whoever has more of them sees that the rest is silent.</summary>
    private const int MostSilent = 20_000;

    private static readonly SessionState[] UnderWay =
        [SessionState.Running, SessionState.Waiting, SessionState.Paused, SessionState.TakenOver, SessionState.Stopping];

    public static async Task<List<SessionCount>> CountAsync(HandrailDb db, DateTimeOffset now, CancellationToken cancel)
    {
        var (quiet, dayAgo) = (now - ActivityEvidence.Quiet, now.AddDays(-1));
        var underWay = await db.Sessions.Where(s => s.MovedTo == null && UnderWay.Contains(s.State) && (s.State != SessionState.Running || s.LastActivityAt >= quiet))
            .GroupBy(s => new { s.Agent, s.State }).Select(g => new { g.Key.Agent, g.Key.State, Count = g.Count() }).ToListAsync(cancel);

        // Lost ones apart: they become ever more, and only the newest are counted.
        var lost = await db.Sessions.Where(s => s.MovedTo == null && s.State == SessionState.Lost && s.LastActivityAt >= dayAgo).GroupBy(s => s.Agent)
            .Select(g => new { Agent = g.Key, Count = g.Count() }).ToListAsync(cancel);
        return
        [
            .. underWay.Select(c => new SessionCount(c.Agent, c.State, new ActivityEvidence { State = c.State, LastActivityAt = now }.At(now), c.Count)),
            .. lost.Select(c => new SessionCount(c.Agent, SessionState.Lost, SessionActivity.Lost, c.Count)),
            .. await SilentAsync(db, quiet, now, cancel),
        ];
    }

    private static async Task<IEnumerable<SessionCount>> SilentAsync(HandrailDb db, DateTimeOffset quiet, DateTimeOffset now, CancellationToken cancel)
    {
        var silent = await db.Sessions.Where(s => s.MovedTo == null && s.State == SessionState.Running && s.LastActivityAt < quiet)
            .OrderByDescending(s => s.LastActivityAt).Take(MostSilent)
            .Select(s => new { s.Agent, Row = new ActivityRow(s.Id, s.Team, s.ParentSessionId, s.State, s.LastActivityAt, s.HeartbeatAt, s.Pending) }).ToListAsync(cancel);
        var activities = await ActivityReading.OfAsync(db, silent.ConvertAll(s => s.Row), now, cancel);
        return silent.GroupBy(s => (s.Agent, Activity: activities[s.Row.Id])).Select(g => new SessionCount(g.Key.Agent, SessionState.Running, g.Key.Activity, g.Count()));
    }
}
