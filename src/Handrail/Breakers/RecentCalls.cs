using System.Linq.Expressions;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>A call, when it was committed, and in which session.</summary>
internal sealed record CommittedCall(Call Call, DateTimeOffset ReceivedAt, string Session);

/// <summary>The last calls of a session, and of the sessions that it goes on from: what loops are looked for in.</summary>
internal static class RecentCalls
{
    /// <summary>So many calls are enough for twenty of them to be the same, or for agents to hand on some dozens of times.</summary>
    private const int Least = 80;

    private const int Most = 500;

    /// <summary>A loop that goes on from session to session is followed so far back.</summary>
    private const int MostParents = 24;

    /// <summary>What is older is no loop that goes on.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromDays(1);

    private static readonly StepKind[] Kinds = [.. Enum.GetValues<StepKind>().Where(Call.IsCall)];

    private static readonly Expression<Func<StepRow, CommittedCall>> Read = s => new CommittedCall(
        new Call
        {
            Trace = s.TraceId,
            Kind = s.Kind,
            Agent = s.Agent ?? "",
            StartedAt = s.StartedAt,
            EndedAt = s.EndedAt,
            Failed = s.Failed,
            Tool = s.ToolName,
            Target = s.HandoffTarget,
            Asked = s.Asked,
            Got = s.Got,
        },
        s.ReceivedAt,
        s.SessionId);

    /// <param name="sessions">One session, or several that belong together.</param>
    /// <param name="wanted">How many calls a limit speaks of.</param>
    /// <returns>In the order they began, and when each was committed.</returns>
    public static async Task<List<(Call Call, DateTimeOffset ReceivedAt, string Session)>> ReadAsync(
        HandrailDb db, IReadOnlyCollection<string> sessions, decimal wanted, DateTimeOffset now, CancellationToken cancel)
    {
        var since = now - Lately;
        var rows = await Rows(db, sessions).Where(s => s.ReceivedAt >= since).Take((int)Math.Clamp((wanted * 4) + 1, Least, Most)).Select(Read).ToListAsync(cancel);
        rows.Reverse();
        return rows.ConvertAll(r => (r.Call, r.ReceivedAt, r.Session));
    }

    /// <summary>All calls of these sessions, each one's newest first.</summary>
    public static IAsyncEnumerable<CommittedCall> AllAsync(HandrailDb db, IReadOnlyCollection<string> sessions) => Rows(db, sessions).Select(Read).AsAsyncEnumerable();

    private static IQueryable<StepRow> Rows(HandrailDb db, IReadOnlyCollection<string> sessions) => db.Steps.AsNoTracking()
        .Where(s => sessions.Contains(s.SessionId) && s.IsOwn && s.Telling != Telling.Repeated && Kinds.Contains(s.Kind) && (s.Counts || (s.Kind != StepKind.Llm && s.Kind != StepKind.Tool)))
        .OrderByDescending(s => s.StartedAt).ThenByDescending(s => s.SpanId);

    /// <summary>The session and those that it goes on from, the nearest first.</summary>
    public static async Task<List<string>> LineAsync(HandrailDb db, Session session, CancellationToken cancel)
    {
        var line = new List<string> { session.Id };
        for (var parent = session.ParentSessionId; parent is not null && !line.Contains(parent) && line.Count <= MostParents;)
        {
            var found = await db.Sessions.AsNoTracking().Where(s => s.Id == parent && s.Team == session.Team).Select(s => new { s.Id, s.ParentSessionId, s.MovedTo }).SingleOrDefaultAsync(cancel);
            if (found is null)
            {
                break;
            }

            if (found.MovedTo is null)
            {
                line.Add(found.Id);
            }

            parent = found.MovedTo ?? found.ParentSessionId;
        }

        return line;
    }
}
