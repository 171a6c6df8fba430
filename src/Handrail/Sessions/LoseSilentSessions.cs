using Handrail.Live;
using Handrail.Policies;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>
/// A session that runs and has been silent for longer than its agent's limit is lost, until it is heard of again. One whose process gives signs of life is not, nor one
/// that waits for a session which it started and which is not lost itself.
/// </summary>
public sealed class LoseSilentSessions(HandrailStore store, PolicySnapshots policies, TimeProvider time)
{
    /// <summary>The limit where no policy names one (policy: silence_seconds).</summary>
    public static readonly TimeSpan DefaultSilence = TimeSpan.FromSeconds(600);

    private const int MostAtOnce = 1_000;

    /// <returns>How many were lost.</returns>
    public async Task<int> HandleAsync(CancellationToken cancel)
    {
        var (fleet, own) = await store.ReadAsync(db => LimitsAsync(db, cancel), cancel);
        var lost = 0;
        foreach (var (agent, limit) in own)
        {
            lost += await LoseAsync(limit, s => s.Where(x => x.Agent == agent), cancel);
        }

        var others = own.Select(o => o.Agent).ToList();
        return lost + await LoseAsync(fleet, s => s.Where(x => !others.Contains(x.Agent)), cancel);
    }

    /// <summary>The fleet's limit, and those of agents with a policy of their own; of two, the shorter holds.</summary>
    private async Task<(TimeSpan Fleet, List<(string Agent, TimeSpan Limit)> Own)> LimitsAsync(HandrailDb db, CancellationToken cancel)
    {
        var heads = await db.PolicyHeads.Where(h => h.Version > 0).ToListAsync(cancel);
        var limits = new Dictionary<string, int?>(StringComparer.Ordinal);
        foreach (var head in heads)
        {
            limits[head.Scope] = (await policies.LayerAsync(db, head.Scope, head.Version, cancel)).Document.SilenceSeconds;
        }

        var fleet = limits.GetValueOrDefault(Scopes.Fleet);
        var own = limits.Where(l => l.Key != Scopes.Fleet && l.Value is not null)
            .Select(l => (Agent: l.Key[Scopes.Agent("").Length..], TimeSpan.FromSeconds(Math.Min(l.Value!.Value, fleet ?? int.MaxValue))));
        return (fleet is { } seconds ? TimeSpan.FromSeconds(seconds) : DefaultSilence, [.. own]);
    }

    private async Task<int> LoseAsync(TimeSpan silence, Func<IQueryable<Session>, IQueryable<Session>> whose, CancellationToken cancel)
    {
        var since = time.GetUtcNow() - silence;
        IQueryable<Session> Silent(HandrailDb db) =>
            whose(db.Sessions.Where(s => s.State == SessionState.Running && s.MovedTo == null && s.LastActivityAt < since && (s.HeartbeatAt == null || s.HeartbeatAt < since)
                && !db.Sessions.Any(c => c.ParentSessionId == s.Id && c.Team == s.Team && c.MovedTo == null && (c.State == SessionState.Running || c.State == SessionState.Waiting))));

        // Looked for first: there are mostly none, and nobody is to wait for that.
        var ids = await store.ReadAsync(db => Silent(db).OrderBy(s => s.LastActivityAt).Select(s => s.Id).Take(MostAtOnce).ToListAsync(cancel), cancel);
        return ids.Count == 0 ? 0 : await store.WriteAsync(
            async unit =>
            {
                foreach (var id in ids)
                {
                    unit.Tell(HintKind.Session, id);
                }

                // Held in their order, as whoever writes telemetry holds them.
                await unit.Db.Sessions.Where(s => ids.Contains(s.Id)).OrderBy(s => s.Id).ForUpdate().Select(s => s.Id).ToListAsync(cancel);
                return await Silent(unit.Db).Where(s => ids.Contains(s.Id)).ExecuteUpdateAsync(set => set.SetProperty(s => s.State, SessionState.Lost), cancel);
            },
            cancel);
    }
}
