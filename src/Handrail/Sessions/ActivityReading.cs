using Handrail.Actions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>What of a session's row tells what it is at.</summary>
internal sealed record ActivityRow(string Id, string Team, string? ParentSessionId, SessionState State, DateTimeOffset LastActivityAt, DateTimeOffset? HeartbeatAt, SessionPending? Pending);

/// <summary>
/// Tells of many sessions at once what they are at: of those that are silent, the claimed calls and the sessions that they started are looked up together, in as many
/// statements for one as for thousands.
/// </summary>
internal static class ActivityReading
{
    /// <summary>Generations of children that are looked at.</summary>
    private const int Deepest = 5;

    /// <summary>Children of one generation that are looked at.</summary>
    private const int MostChildren = 10_000;

    public static async Task<Dictionary<string, SessionActivity>> OfAsync(HandrailDb db, IReadOnlyCollection<ActivityRow> sessions, DateTimeOffset now, CancellationToken cancel)
    {
        var known = new Dictionary<string, ActivityRow>(sessions.Count, StringComparer.Ordinal);
        foreach (var session in sessions)
        {
            known[session.Id] = session;
        }

        var (asked, silent) = (known.Keys.ToList(), known.Values.Where(s => IsSilent(s, now)).Select(s => s.Id).ToList());
        var children = new List<ActivityRow>();
        var claimed = new HashSet<string>(StringComparer.Ordinal);
        var (level, ofLevel) = (silent, 0);
        while (level.Count > 0 && ofLevel++ < Deepest)
        {
            var ids = level;
            claimed.UnionWith(await db.Actions.Where(a => a.Execution == ActionExecution.Claimed && a.ReportBy > now && EF.Parameter(ids).Contains(a.SessionId)).Select(a => a.SessionId).Distinct().ToListAsync(cancel));
            var found = await db.Sessions
                .Where(s => s.ParentSessionId != null && EF.Parameter(ids).Contains(s.ParentSessionId) && (s.State == SessionState.Running || s.State == SessionState.Waiting) && s.MovedTo == null)
                .OrderByDescending(s => s.LastActivityAt).Take(MostChildren)
                .Select(s => new ActivityRow(s.Id, s.Team, s.ParentSessionId, s.State, s.LastActivityAt, s.HeartbeatAt, s.Pending)).ToListAsync(cancel);
            // Another team's session is nobody's child: its parent's id may have been guessed.
            found.RemoveAll(c => known[c.ParentSessionId!].Team != c.Team);
            children.AddRange(found);
            level = [.. found.Where(c => known.TryAdd(c.Id, c) && IsSilent(c, now)).Select(c => c.Id)];
        }

        var below = children.ToLookup(c => c.ParentSessionId!, c => c.Id, StringComparer.Ordinal);
        var activities = new Dictionary<string, SessionActivity>(known.Count, StringComparer.Ordinal);
        return asked.ToDictionary(id => id, id => Of(id, known, below, claimed, activities, now), StringComparer.Ordinal);
    }

    private static bool IsSilent(ActivityRow session, DateTimeOffset now) => session.State == SessionState.Running && now - session.LastActivityAt > ActivityEvidence.Quiet;

    private static SessionActivity Of(
        string id, Dictionary<string, ActivityRow> known, ILookup<string, string> below, HashSet<string> claimed, Dictionary<string, SessionActivity> activities, DateTimeOffset now)
    {
        if (activities.TryGetValue(id, out var activity))
        {
            return activity;
        }

        // What it is by itself, so that a circle of parents comes to an end.
        var session = known[id];
        var evidence = new ActivityEvidence
        {
            State = session.State,
            LastActivityAt = session.LastActivityAt,
            HeartbeatAt = session.HeartbeatAt,
            Pending = session.Pending,
            ClaimedCall = claimed.Contains(id),
        };
        activities[id] = evidence.At(now);
        var underWay = below[id].Any(child => Of(child, known, below, claimed, activities, now).IsUnderWay());
        return activities[id] = (evidence with { ChildUnderWay = underWay }).At(now);
    }
}
