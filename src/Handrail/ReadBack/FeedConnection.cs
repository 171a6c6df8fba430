using System.Collections.Concurrent;
using Handrail.Access;
using Handrail.Agents;
using Handrail.Policies;
using Handrail.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>One holder of an agent key who is connected, and the agents it wants to hear of.</summary>
public sealed class FeedConnection : IDisposable
{
    /// <summary>Agents that one connection may hear of.</summary>
    public const int MostFeeds = 100;

    /// <summary>Sessions that one connection may name for one agent.</summary>
    public const int MostSessions = 1_000;

    private readonly AgentFeeds _feeds;
    private readonly ConcurrentDictionary<string, AgentFeed> _open = new(concurrencyLevel: 1, capacity: 1, StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();

    internal FeedConnection(AgentFeeds feeds, Caller caller) => (_feeds, Caller, Ended) = (feeds, caller, _ended.Token);

    public Caller Caller { get; }

    /// <summary>Cancelled when the key is revoked or has expired, and once the connection is gone.</summary>
    public CancellationToken Ended { get; }

    internal IEnumerable<AgentFeed> Feeds => _open.Select(f => f.Value);

    /// <summary>True when the agent was opened on this connection, by which its key may act for it.</summary>
    public bool Hears(string agent) => _open.ContainsKey(agent);

    /// <summary>Begins to hear of an agent, in place of what was heard of it on this connection before.</summary>
    /// <param name="sessions">Sessions to hear of, whichever agent's they are; null for all of the agent's.</param>
    /// <param name="from">How far the caller has heard; null to be told first how things stand.</param>
    /// <exception cref="Refusal">The caller may not know of the agent or a session, or wants too many.</exception>
    public async Task<AgentFeed> OpenAsync(string agent, IReadOnlyCollection<string>? sessions, FeedPosition? from, CancellationToken cancel)
    {
        if (_open.Count >= MostFeeds && !_open.ContainsKey(agent))
        {
            throw new Refusal(RefusalKind.TooMany, $"One connection hears of {MostFeeds} agents at most.");
        }

        if (sessions?.Count > MostSessions)
        {
            throw Refusal.Invalid("session_ids", $"must have at most {MostSessions} entries; none means all sessions of the agent.");
        }

        var (ids, versions, seq) = await _feeds.Store.ReadAsync(
            async db =>
            {
                await db.DemandKnownAgentAsync(Caller, agent, cancel);
                var known = sessions is null ? null : new HashSet<string>(StringComparer.Ordinal);
                foreach (var id in sessions ?? [])
                {
                    known!.Add((await db.FindKnownSessionAsync(Caller, id, cancel)).Id);
                }

                return (known, await PolicySnapshots.VersionsAsync(db, agent, forDecision: false, cancel), await db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0);
            },
            cancel);
        var feed = new AgentFeed(_feeds, Caller, agent, ids, versions, seq, from);
        _open.AddOrUpdate(agent, feed, (_, before) =>
        {
            before.Close();
            return feed;
        });

        // Only now would a change wake it: what changed since it was read is looked for once.
        feed.Wake(FeedNews.All);
        return feed;
    }

    /// <summary>Ends it for the one who is connected; whoever serves it then disposes of it.</summary>
    public void End() => _ended.Cancel();

    public void Dispose()
    {
        _feeds.Disconnect(this);
        _ended.Cancel();
    }
}
