using System.Collections.Concurrent;
using Handrail.Access;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Handrail.ReadBack;

/// <summary>
/// Everybody who is connected to hear what changes. Hints may be lost, so somebody must look; here one look every two seconds serves all
/// connections of the process, and wakes those whom a change concerns. It also ends those whose key holds no more.
/// </summary>
public sealed class AgentFeeds(HandrailStore store, PolicySnapshots policies, ControlQueries control, Hints hints, TimeProvider time, ILogger<AgentFeeds> log)
    : BackgroundService
{
    /// <summary>Connections that one key may have at once in one process: a large fleet on one key, and no flood.</summary>
    public const int MostPerKey = 2_000;

    /// <summary>
    /// A decision bears the time at which its transaction began, on the clock of the process that made it: it may be seen this much later than
    /// another that bears a later time.
    /// </summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TooManyRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<FeedConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<string, int> _perKey = new(StringComparer.Ordinal);
    private readonly HashSet<(string Id, long Version)> _decided = [];
    private IReadOnlyDictionary<string, int> _heads = new Dictionary<string, int>();
    private long _seq;

    /// <summary>Nobody was connected: what was ordered meanwhile each reads from its own position, and nobody here goes through it.</summary>
    private bool _idle = true;
    private DateTimeOffset _decidedFrom;
    private DateTimeOffset _lookedAt;

    /// <summary>How many are connected to this process.</summary>
    public int Connected => _connections.Count;

    /// <summary>The last control command seen: all before it are committed, as commands are numbered in the order of their commits.</summary>
    internal long Seq => Interlocked.Read(ref _seq);

    internal HandrailStore Store => store;

    internal PolicySnapshots Policies => policies;

    internal ControlQueries Control => control;

    internal TimeProvider Time => time;

    /// <summary>Lets a key's holder in, until it goes or its key holds no more.</summary>
    /// <exception cref="Refusal">The key has too many connections.</exception>
    public FeedConnection Connect(Caller caller)
    {
        caller.Demand(Permission.ActAsAgent);
        if (_perKey.AddOrUpdate(caller.Id, 1, (_, n) => n + 1) > MostPerKey)
        {
            Leave(caller);
            throw new Refusal(RefusalKind.TooMany, $"This key has {MostPerKey} connections open already.") { RetryAfter = TooManyRetry };
        }

        var connection = new FeedConnection(this, caller);
        _connections[connection] = 0;
        return connection;
    }

    internal void Disconnect(FeedConnection connection)
    {
        if (_connections.TryRemove(connection, out _))
        {
            Leave(connection.Caller);
        }
    }

    /// <summary>The versions in force as last seen; may be a moment behind.</summary>
    internal LayerVersions VersionsOf(string agent)
    {
        var heads = Volatile.Read(ref _heads);
        return new LayerVersions(heads.GetValueOrDefault(Scopes.Fleet), heads.GetValueOrDefault(Scopes.Agent(agent)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listener = hints.ListenToAll(HintKind.Policy, HintKind.Control, HintKind.Handoff, HintKind.AgentKey);
        _decidedFrom = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var heard = await listener.NextAsync(OwnLook, time, stoppingToken);
                if (_connections.IsEmpty)
                {
                    _idle = true;
                    _decidedFrom = time.GetUtcNow();
                    continue;
                }

                var due = time.GetUtcNow() - _lookedAt >= OwnLook;
                bool Told(HintKind kind) => due || heard?.Any(h => h.Kind == kind) == true;
                await store.ReadAsync(
                    async db =>
                    {
                        await LookAsync(db, Told, stoppingToken);
                        return true;
                    },
                    stoppingToken);
                if (due)
                {
                    _lookedAt = time.GetUtcNow();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it was: an agent that is connected must not go deaf to a stop.
                log.LogWarning(e, "Could not look for what connected agents wait for; looking again");
                await Task.Delay(OwnLook, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LookAsync(HandrailDb db, Func<HintKind, bool> told, CancellationToken cancel)
    {
        if (told(HintKind.Policy))
        {
            await LookForPoliciesAsync(db, cancel);
        }

        if (told(HintKind.Control))
        {
            await LookForOrdersAsync(db, cancel);
        }

        if (told(HintKind.Handoff))
        {
            await LookForDecisionsAsync(db, cancel);
        }

        if (told(HintKind.AgentKey))
        {
            await LookWhoMayStayAsync(db, cancel);
        }
    }

    private async Task LookForPoliciesAsync(HandrailDb db, CancellationToken cancel)
    {
        var heads = await db.PolicyHeads.ToDictionaryAsync(h => h.Scope, h => h.Version, cancel);
        var before = _heads;
        var changed = heads.Where(h => before.GetValueOrDefault(h.Key) != h.Value).Select(h => h.Key).ToHashSet(StringComparer.Ordinal);
        Volatile.Write(ref _heads, heads);
        if (changed.Count > 0)
        {
            Wake(FeedNews.Policy, f => changed.Contains(Scopes.Fleet) || changed.Contains(Scopes.Agent(f.Agent)));
        }
    }

    private async Task LookForOrdersAsync(HandrailDb db, CancellationToken cancel)
    {
        const int page = 500;
        if (_idle)
        {
            Interlocked.Exchange(ref _seq, await db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0);
            _idle = false;
            Wake(FeedNews.Control, _ => true);
            return;
        }

        List<string> scopes;
        do
        {
            var after = Seq;
            var commands = await db.ControlCommands.Where(c => c.Seq > after).OrderBy(c => c.Seq).Take(page).Select(c => new { c.Seq, c.Scope }).ToListAsync(cancel);
            if (commands.Count == 0)
            {
                return;
            }

            scopes = commands.ConvertAll(c => c.Scope);
            var sessions = scopes.Where(s => s.StartsWith("session:", StringComparison.Ordinal)).Select(s => s["session:".Length..]).ToHashSet(StringComparer.Ordinal);
            var agents = scopes.Where(s => s.StartsWith("agent:", StringComparison.Ordinal)).Select(s => s["agent:".Length..]).ToHashSet(StringComparer.Ordinal);
            agents.UnionWith(await db.Sessions.Where(s => sessions.Contains(s.Id)).Select(s => s.Agent).ToListAsync(cancel));
            Interlocked.Exchange(ref _seq, commands[^1].Seq);
            Wake(FeedNews.Control, f => scopes.Contains(Scopes.Fleet) || agents.Contains(f.Agent) || f.Sessions?.Overlaps(sessions) == true);
        }
        while (scopes.Count == page);
    }

    private async Task LookForDecisionsAsync(HandrailDb db, CancellationToken cancel)
    {
        var from = _decidedFrom - Overlap;
        var now = time.GetUtcNow();
        var decided = await db.Handoffs.Where(h => h.DecidedAt > from).Select(h => new { h.Id, h.Version, h.Agent }).ToListAsync(cancel);
        var agents = decided.Where(h => !_decided.Contains((h.Id, h.Version))).Select(h => h.Agent).ToHashSet(StringComparer.Ordinal);
        _decided.Clear();
        _decided.UnionWith(decided.Select(h => (h.Id, h.Version)));
        _decidedFrom = now;
        if (agents.Count > 0)
        {
            Wake(FeedNews.Decisions, f => agents.Contains(f.Agent));
        }
    }

    private async Task LookWhoMayStayAsync(HandrailDb db, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var keys = _connections.Keys.Select(c => c.Caller.Id).Distinct(StringComparer.Ordinal).ToList();
        var good = await db.AgentKeys.Where(k => EF.Parameter(keys).Contains(k.Id) && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)).Select(k => k.Id).ToHashSetAsync(cancel);
        var names = _connections.Keys.SelectMany(c => c.Feeds).Select(f => f.Agent).Distinct(StringComparer.Ordinal).ToList();
        var teams = await db.Agents.Where(a => EF.Parameter(names).Contains(a.Name)).Select(a => new { a.Name, a.Team }).ToDictionaryAsync(a => a.Name, a => a.Team, cancel);
        foreach (var connection in _connections.Keys)
        {
            if ((keys.Contains(connection.Caller.Id) && !good.Contains(connection.Caller.Id))
                || connection.Feeds.Any(f => teams.TryGetValue(f.Agent, out var team) && team != connection.Caller.Team))
            {
                connection.End();
            }
        }
    }

    private void Wake(FeedNews news, Func<AgentFeed, bool> concerned)
    {
        foreach (var feed in _connections.Keys.SelectMany(c => c.Feeds).Where(concerned))
        {
            feed.Wake(news);
        }
    }

    private void Leave(Caller caller)
    {
        // Removed at nothing, so that a key which is used no more leaves nothing behind.
        while (_perKey.TryGetValue(caller.Id, out var count))
        {
            if (count > 1 ? _perKey.TryUpdate(caller.Id, count - 1, count) : _perKey.TryRemove(new KeyValuePair<string, int>(caller.Id, count)))
            {
                return;
            }
        }
    }
}
