using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>
/// How far loops, runs of errors and silences of past sessions went, found in their calls as breakers find them. Loops that went on from
/// session to session count here as far as they went in each.
/// </summary>
internal static class PastPatterns
{
    /// <summary>The newest tell enough: each one's calls are read.</summary>
    public const int MostSessions = 2_000;

    /// <summary>Of one session; the newest. A longer one has had the time to show its worst.</summary>
    private const int MostCalls = 1_000;

    private const int AtOnce = 100;

    /// <returns>One figure for each session; 0 where there was no such thing.</returns>
    public static async Task<(List<decimal> Figures, bool Cut)> ReadAsync(HandrailDb db, BreakerMetric metric, string? agent, DateTimeOffset since, CancellationToken cancel)
    {
        var sessions = await db.Sessions.AsNoTracking().Where(s => s.LastActivityAt >= since && s.MovedTo == null && (agent == null || s.Agent == agent))
            .OrderByDescending(s => s.LastActivityAt).Take(MostSessions).Select(s => s.Id).ToListAsync(cancel);
        var figures = new List<decimal>(sessions.Count);
        foreach (var some in sessions.Chunk(AtOnce))
        {
            figures.AddRange(metric == BreakerMetric.SilenceSeconds ? await SilencesAsync(db, some, cancel) : await PeaksAsync(db, metric, some, cancel));
        }

        return (figures, sessions.Count == MostSessions);
    }

    private static async Task<IEnumerable<decimal>> PeaksAsync(HandrailDb db, BreakerMetric metric, string[] sessions, CancellationToken cancel)
    {
        var calls = new Dictionary<string, List<Call>>(StringComparer.Ordinal);
        await foreach (var (call, _, session) in RecentCalls.AllAsync(db, sessions).WithCancellation(cancel))
        {
            if (!calls.TryGetValue(session, out var own))
            {
                calls[session] = own = [];
            }

            if (own.Count < MostCalls)
            {
                own.Add(call);
            }
        }

        return sessions.Select(id =>
        {
            if (!calls.TryGetValue(id, out var newestFirst))
            {
                return 0m;
            }

            newestFirst.Reverse();
            var own = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(newestFirst);
            return metric switch
            {
                BreakerMetric.RepeatedCalls => PatternPeaks.Repetitions(own),
                BreakerMetric.PingPong => PatternPeaks.HandedOn(own),
                _ => PatternPeaks.Errors(own),
            };
        });
    }

    private static async Task<IEnumerable<decimal>> SilencesAsync(HandrailDb db, string[] sessions, CancellationToken cancel)
    {
        // By the console's clock, as breakers count it; a person's answer ends a silence as a span does.
        var steps = await db.Steps.AsNoTracking().Where(s => sessions.Contains(s.SessionId)).OrderByDescending(s => s.ReceivedAt).Take(AtOnce * MostCalls)
            .Select(s => new { s.SessionId, At = s.ReceivedAt }).ToListAsync(cancel);
        var actions = await db.Actions.AsNoTracking().Where(a => sessions.Contains(a.SessionId)).OrderByDescending(a => a.RequestedAt).Take(AtOnce * MostCalls)
            .Select(a => new { a.SessionId, At = a.RequestedAt }).ToListAsync(cancel);
        var waits = (await db.Handoffs.AsNoTracking().Where(h => sessions.Contains(h.SessionId)).Select(h => new { h.SessionId, h.OpenedAt, h.DecidedAt }).ToListAsync(cancel)).ToLookup(h => h.SessionId);
        var moments = steps.Concat(actions).ToLookup(m => m.SessionId, m => m.At);
        return sessions.Select(id => (decimal)PatternPeaks.Silence(
            [.. moments[id].Order()], [.. waits[id].Select(w => (w.OpenedAt, w.DecidedAt ?? DateTimeOffset.MaxValue))]));
    }
}
