using System.Collections.Concurrent;
using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// Signs of life that bring a session nothing forward: its process asks for orders, is connected, sends metrics. They come often, so they are noted in memory and written
/// down together, each session at most every <see cref="Coarse"/>. One that is lost before it is written comes again.
/// </summary>
public sealed class Heartbeats(HandrailStore store, TimeProvider time)
{
    private static readonly TimeSpan Coarse = TimeSpan.FromSeconds(30);

    /// <summary>Sessions noted between two rounds: whoever names more of them is no fleet, and the rest come again.</summary>
    private const int MostNoted = 50_000;

    private const int AtOnce = 1_000;

    private ConcurrentDictionary<string, Caller> _noted = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>A holder of a key speaks for a session, which need not be there nor be the caller's: that is looked at when it is written.</summary>
    public void Note(Caller caller, string sessionId)
    {
        var noted = Volatile.Read(ref _noted);
        if (caller.Kind == CallerKind.AgentKey && (noted.ContainsKey(sessionId) || Interlocked.Increment(ref _count) <= MostNoted))
        {
            noted[sessionId] = caller;
        }
    }

    /// <summary>Writes down what was noted. A session that was lost is found again.</summary>
    /// <returns>How many sessions' signs of life were written.</returns>
    public async Task<int> WriteAsync(CancellationToken cancel)
    {
        var noted = Interlocked.Exchange(ref _noted, new ConcurrentDictionary<string, Caller>(StringComparer.Ordinal));
        Interlocked.Exchange(ref _count, 0);
        var written = 0;
        foreach (var some in noted.Keys.Chunk(AtOnce))
        {
            written += await WriteAsync(noted, [.. some], cancel);
        }

        return written;
    }

    private async Task<int> WriteAsync(ConcurrentDictionary<string, Caller> noted, List<string> some, CancellationToken cancel)
    {
        var due = time.GetUtcNow() - Coarse;
        var rows = await store.ReadAsync(
            db => db.Sessions.Where(s => some.Contains(s.Id) && s.MovedTo == null && s.EndedAt == null && (s.HeartbeatAt == null || s.HeartbeatAt < due))
                .Select(s => new { s.Id, s.Team, s.Agent }).ToListAsync(cancel),
            cancel);
        var ids = rows.FindAll(r => noted[r.Id].MaySee(r.Team, r.Agent)).ConvertAll(r => r.Id);
        return ids.Count == 0 ? 0 : await store.WriteTelemetryAsync(
            async unit =>
            {
                // Held in their order, as whoever writes telemetry holds them.
                var held = await unit.Db.Sessions.AsNoTracking().Where(s => ids.Contains(s.Id)).OrderBy(s => s.Id).ForUpdate().Select(s => new { s.Id, s.State }).ToListAsync(cancel);
                var lost = held.Where(s => s.State == SessionState.Lost).Select(s => s.Id).ToList();
                if (lost.Count > 0)
                {
                    await unit.Db.Sessions.Where(s => lost.Contains(s.Id))
                        .ExecuteUpdateAsync(set => set.SetProperty(s => s.State, s => s.OpenHandoffs > 0 ? SessionState.Waiting : SessionState.Running), cancel);
                    lost.ForEach(id => unit.Tell(HintKind.Session, id));
                }

                return await unit.Db.Sessions.Where(s => ids.Contains(s.Id)).ExecuteUpdateAsync(set => set.SetProperty(s => s.HeartbeatAt, unit.Now), cancel);
            },
            cancel);
    }
}
