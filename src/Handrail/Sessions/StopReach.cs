using Handrail.Access;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Sessions;

/// <summary>What a stop would reach if it were ordered now.</summary>
/// <param name="Sessions">Sessions that it would stop, those below the ones it names among them.</param>
/// <param name="Below">How many of them are reached only because a session above them is.</param>
/// <param name="Agents">Whose they are, the most first.</param>
public sealed record StopReach(int Sessions, int Below, IReadOnlyList<AgentReach> Agents)
{
    /// <summary>How many more it would reach that whoever asks may know nothing of: a stop spares none of them.</summary>
    public int Hidden { get; init; }

    private static readonly List<SessionState> UnderWay = [SessionState.Running, SessionState.Waiting, SessionState.Paused, SessionState.TakenOver];

    /// <summary>As the caller sees it, and how much there is beside.</summary>
    internal static async Task<StopReach> ForAsync(HandrailStore store, Caller caller, Func<HandrailDb, Task<StopReach>> read, CancellationToken cancel)
    {
        var seen = await store.ReadAsync(caller, read, cancel);
        if ((await store.HiddenFromAsync(caller, cancel)).Count == 0)
        {
            return seen;
        }

        var all = await store.ReadAsync(read, cancel);
        return seen with { Hidden = Math.Max(0, all.Sessions - seen.Sessions) };
    }

    internal static Task<StopReach> OfSessionAsync(HandrailDb db, Session session, CancellationToken cancel) => OfSessionsAsync(db, [session.Id], cancel);

    /// <summary>Of several at once; one that another of them has started is counted once, as one of those named.</summary>
    internal static async Task<StopReach> OfSessionsAsync(HandrailDb db, IReadOnlyCollection<string> sessions, CancellationToken cancel)
    {
        var themselves = await db.Sessions.Where(s => EF.Parameter(sessions).Contains(s.Id) && s.EndedAt == null && s.Control != ControlState.Stopped).Select(s => s.Agent).ToListAsync(cancel);
        var below = await SessionFamily.LiveBelowAsync(db, sessions, cancel);
        return Of([.. themselves, .. below.Select(s => s.Agent)], below.Count);
    }

    /// <summary>Of an agent, or of the fleet where it is null. Lost sessions are stopped too, and not counted: nobody is at work in them.</summary>
    internal static async Task<StopReach> OfScopeAsync(HandrailDb db, string? agent, CancellationToken cancel)
    {
        if (agent is null)
        {
            var fleet = await db.Sessions.Where(s => s.MovedTo == null && UnderWay.Contains(s.State)).GroupBy(s => s.Agent).Select(g => new AgentReach(g.Key, g.Count())).ToListAsync(cancel);
            return new StopReach(fleet.Sum(a => a.Sessions), 0, [.. fleet.OrderByDescending(a => a.Sessions).ThenBy(a => a.Agent, StringComparer.Ordinal)]);
        }

        var own = await db.Sessions.Where(s => s.MovedTo == null && UnderWay.Contains(s.State) && s.Agent == agent).Select(s => s.Id).ToListAsync(cancel);
        var below = (await SessionFamily.LiveBelowAsync(db, own, cancel)).FindAll(s => s.Agent != agent);
        return Of([.. own.Select(_ => agent), .. below.Select(s => s.Agent)], below.Count);
    }

    private static StopReach Of(IReadOnlyList<string> agents, int below) => new(
        agents.Count, below,
        [.. agents.GroupBy(a => a, StringComparer.Ordinal).Select(g => new AgentReach(g.Key, g.Count())).OrderByDescending(a => a.Sessions).ThenBy(a => a.Agent, StringComparer.Ordinal)]);
}

/// <summary>How many sessions of an agent a stop would reach.</summary>
public sealed record AgentReach(string Agent, int Sessions);
