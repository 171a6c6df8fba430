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
public sealed class AgentFeeds(
    HandrailStore store, PolicySnapshots policies, PolicySignatures signatures, ControlQueries control, OrderLatch latch, Hints hints, TimeProvider time, ILogger<AgentFeeds> log)
    : BackgroundService
{
    /// <summary>Connections that one key may have at once in one process: a large fleet on one key, and no flood.</summary>
    public const int MostPerKey = 2_000;

    /// <summary>
    /// A decision bears the time at which its transaction began, on the clock of the process that made it: it may be seen this much later than
    /// another that bears a later time.
    /// </summary>
    internal static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    /// <summary>Looks that found orders: who has heard all before the oldest of them is told from memory.</summary>
    private const int MostLooksKept = 512;

    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TooManyRetry = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<FeedConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<PolicyWaiter, byte> _waiting = new();
    private readonly ConcurrentDictionary<string, int> _perKey = new(StringComparer.Ordinal);
    private readonly HashSet<(string Id, long Version)> _decided = [];
    private IReadOnlyDictionary<string, int> _heads = new Dictionary<string, int>();
    private long _seq;
    private OrdersSeen[] _seen = [];

    /// <summary>Nobody was connected: what was ordered meanwhile each reads from its own position, and nobody here goes through it.</summary>
    private bool _idle = true;
    private DateTimeOffset _decidedFrom;
    private long _lookedAt = long.MinValue / 2;

    /// <summary>How many are connected to this process.</summary>
    public int Connected => _connections.Count;

    /// <summary>Sessions that somebody connected to this process named, and who did.</summary>
    public IEnumerable<(Caller Caller, string SessionId)> Sessions => _connections.Keys.SelectMany(c => c.Feeds.SelectMany(f => f.Sessions ?? (IEnumerable<string>)[]).Select(s => (c.Caller, s)));

    /// <summary>How many calls are held until a policy changes.</summary>
    public int WaitingForPolicy => _waiting.Count;

    /// <summary>The last control command seen: all before it are committed, as commands are numbered in the order of their commits.</summary>
    internal long Seq => Interlocked.Read(ref _seq);

    /// <summary>What the last looks found, the oldest first; each goes on where the one before it ended.</summary>
    internal IReadOnlyList<OrdersSeen> Seen => Volatile.Read(ref _seen);

    internal HandrailStore Store => store;

    internal PolicySnapshots Policies => policies;

    internal PolicySignatures Signatures => signatures;

    internal ControlQueries Control => control;

    internal OrderLatch Latch => latch;

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

    /// <summary>
    /// Holds until other versions than these are in force, the wait is over, or the process is about to end. Thousands may wait: it is the one look for all that
    /// finds the change.
    /// </summary>
    internal async Task OtherVersionsAsync(string agent, LayerVersions held, TimeSpan wait, CancellationToken cancel)
    {
        var waiter = new PolicyWaiter(agent, held);
        _waiting[waiter] = 0;
        using var over = new CancellationTokenSource(wait > Waiting.Longest ? Waiting.Longest : wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancel, hints.Ending);
        try
        {
            // What was found between the caller's reading and this.
            waiter.Offer(VersionsOf(agent));
            await waiter.Changed.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Nothing changed.
        }
        finally
        {
            _waiting.TryRemove(waiter, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        latch.Latched += TellLatched;
        using var until = stoppingToken.UnsafeRegister(_ => latch.Latched -= TellLatched, null);
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
                    if (_waiting.IsEmpty)
                    {
                        continue;
                    }
                }

                var due = time.GetElapsedTime(_lookedAt) >= OwnLook;
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
                    _lookedAt = time.GetTimestamp();
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

    private void TellLatched(LatchedOrder order) => Wake(FeedNews.Latched, f => f.IsConcernedBy(order));

    private async Task LookAsync(HandrailDb db, Func<HintKind, bool> told, CancellationToken cancel)
    {
        if (told(HintKind.Policy))
        {
            await LookForPoliciesAsync(db, cancel);
        }

        if (_connections.IsEmpty)
        {
            return;
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
        if (changed.Contains(Scopes.Fleet))
        {
            // Once, before a thousand ask for it.
            await policies.PrepareAsync(db, heads[Scopes.Fleet], cancel);
        }

        Volatile.Write(ref _heads, heads);
        foreach (var waiter in _waiting.Keys)
        {
            waiter.Offer(VersionsOf(waiter.Agent));
        }

        if (changed.Count > 0)
        {
            Wake(FeedNews.Policy, f => changed.Contains(Scopes.Fleet) || changed.Contains(Scopes.Agent(f.Agent)));
        }
    }

    private async Task LookForOrdersAsync(HandrailDb db, CancellationToken cancel)
    {
        if (_idle)
        {
            Volatile.Write(ref _seen, []);
            var last = await db.ControlCommands.MaxAsync(c => (long?)c.Seq, cancel) ?? 0;
            Wake(FeedNews.Control, _ => true);
            Interlocked.Exchange(ref _seq, last);
            _idle = false;
            return;
        }

        OrdersSeen? seen;
        do
        {
            seen = await OrdersSeen.ReadAsync(db, Seq, cancel);
            if (seen is not null)
            {
                Volatile.Write(ref _seen, [.. _seen.TakeLast(MostLooksKept - 1), seen]);
                Wake(FeedNews.Control, f => seen.To(f.Agent).Any() || seen.ConcernsSessionsOf(f.Agent, f.Sessions));

                // After that, as above: whoever finds this number and no news has nothing to hear of before it.
                Interlocked.Exchange(ref _seq, seen.UpTo);
            }
        }
        while (seen is { IsWhole: false });
    }

    private async Task LookForDecisionsAsync(HandrailDb db, CancellationToken cancel)
    {
        var from = _decidedFrom - Overlap;
        var now = time.GetUtcNow();
        var decided = await db.Handoffs.Where(h => h.DecidedAt > from && h.PlantedFrom == null).Select(h => new { h.Id, h.Version, h.Agent }).ToListAsync(cancel);
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

    /// <summary>One who waits for other versions than those it has read. Versions only grow: what was seen may be older than what it has.</summary>
    private sealed class PolicyWaiter(string agent, LayerVersions held)
    {
        private readonly TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Agent => agent;

        public Task Changed => _changed.Task;

        public void Offer(LayerVersions seen)
        {
            if (seen.Fleet > held.Fleet || seen.Agent > held.Agent)
            {
                _changed.TrySetResult();
            }
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
