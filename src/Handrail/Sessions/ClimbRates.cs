using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>A session whose cost or steps climb fast.</summary>
/// <param name="UsdPerHour">By what it spent within <see cref="ClimbRates.Window"/>.</param>
public sealed record Climb(string SessionId, string? Title, string Agent, decimal UsdPerHour, double StepsPerMinute, long CostNanos);

/// <summary>
/// How fast sessions that are under way spend and step, from their totals looked at every few seconds: what floats to the top of the Sessions
/// page before anybody has set a breaker.
/// </summary>
public sealed class ClimbRates(HandrailStore store, TimeProvider time)
{
    /// <summary>Over how much past time a rate is taken.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>A shorter look says nothing of a rate.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(20);

    /// <summary>Slower than both is no runaway: a person reads about as fast as two steps a minute, and a dollar an hour is a small agent's ordinary cost.</summary>
    private const decimal LeastUsdPerHour = 1;
    private const double LeastStepsPerMinute = 30;

    private const int MostWatched = 5_000;

    private readonly Lock _gate = new();
    private Dictionary<string, Track> _tracks = new(StringComparer.Ordinal);

    /// <summary>Looks at the sessions that were active within the window.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var since = now - Window;
        var seen = await store.ReadAsync(
            db => db.Sessions.Where(s => s.LastActivityAt >= since && s.EndedAt == null && s.MovedTo == null && s.State != SessionState.Stopped && s.State != SessionState.Lost)
                .OrderByDescending(s => s.LastActivityAt).Take(MostWatched).Select(s => new { s.Id, s.Title, s.Agent, s.CostNanos, s.Steps }).ToListAsync(cancel),
            cancel);
        lock (_gate)
        {
            var tracks = new Dictionary<string, Track>(seen.Count, StringComparer.Ordinal);
            foreach (var session in seen)
            {
                var track = _tracks.TryGetValue(session.Id, out var known) ? known : new Track();
                (track.Title, track.Agent) = (session.Title, session.Agent);
                track.Looks.Add((now, session.CostNanos, session.Steps));
                track.Looks.RemoveAll(l => l.At < since);
                tracks[session.Id] = track;
            }

            _tracks = tracks;
        }
    }

    /// <summary>The fastest, the dearest first; none where nothing climbs.</summary>
    /// <exception cref="Refusal">The caller may not look at sessions.</exception>
    public async Task<IReadOnlyList<Climb>> FastestAsync(Caller caller, int most, CancellationToken cancel)
    {
        SessionQueries.DemandView(caller);
        List<Climb> climbs;
        lock (_gate)
        {
            climbs = [.. _tracks.Select(t => t.Value.Climb(t.Key)).OfType<Climb>().OrderByDescending(c => c.UsdPerHour).ThenByDescending(c => c.StepsPerMinute)];
        }

        if (climbs.Count > 0 && (await store.HiddenFromAsync(caller, cancel)).Count > 0)
        {
            var seen = await store.SeenSessionsAsync(caller, climbs.ConvertAll(c => c.SessionId), cancel);
            climbs.RemoveAll(c => !seen.Contains(c.SessionId));
        }

        return climbs.GetRange(0, Math.Min(most, climbs.Count));
    }

    private sealed class Track
    {
        public string? Title { get; set; }

        public string Agent { get; set; } = "";

        public List<(DateTimeOffset At, long CostNanos, int Steps)> Looks { get; } = [];

        public Climb? Climb(string id)
        {
            var (first, last) = (Looks[0], Looks[^1]);
            var length = last.At - first.At;
            if (length < Shortest)
            {
                return null;
            }

            var usd = (last.CostNanos - first.CostNanos) / 1_000_000_000m * TimeSpan.TicksPerHour / length.Ticks;
            var steps = (last.Steps - first.Steps) / length.TotalMinutes;
            return usd >= LeastUsdPerHour || steps >= LeastStepsPerMinute ? new Climb(id, Title, Agent, usd, steps, last.CostNanos) : null;
        }
    }
}
