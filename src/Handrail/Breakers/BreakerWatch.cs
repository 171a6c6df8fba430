using Handrail.Sessions;
using Handrail.Store;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Handrail.Breakers;

/// <summary>
/// Looks at breakers right after every commit that changed what they count, beside whoever committed: telemetry keeps its pace. What a crash
/// or a fault of the database kept from being looked at is looked at again from the rows.
/// </summary>
public sealed class BreakerWatch : BackgroundService
{
    /// <summary>From one look to the next: what many commits bring within it is looked at once.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>Windows over agents and the fleet are added up at most so often: they reach over minutes and more.</summary>
    private static readonly TimeSpan ScopePace = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>After a start what was heard of within this time is looked at.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(15);

    private const int MostAtStart = 1_000;

    private readonly HandrailStore _store;
    private readonly SessionBreakers _sessions;
    private readonly ScopeBreakers _scopes;
    private readonly TimeProvider _time;
    private readonly ILogger<BreakerWatch> _log;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _bell = new(0, 1);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private Dictionary<string, Noticed> _noticed = new(StringComparer.Ordinal);
    private bool _spent;
    private long? _scopesLookedAt;

    public BreakerWatch(HandrailStore store, Policies.PolicySnapshots policies, TimeProvider time, ILogger<BreakerWatch> log)
    {
        var inForce = new BreakersInForce(policies);
        (_store, _time, _log) = (store, time, log);
        (_sessions, _scopes) = (new SessionBreakers(store, inForce), new ScopeBreakers(store, inForce));
    }

    internal LoopHints Hints { get; } = new();

    /// <summary>Takes note of what was just committed. Never waits, and holds at most one entry for each session.</summary>
    internal void Notice(IReadOnlyList<Noticed> noticed)
    {
        lock (_lock)
        {
            _spent = true;
            foreach (var one in noticed)
            {
                var signs = _noticed.TryGetValue(one.Session.Id, out var before) ? before.Signs : LoopSigns.None;
                _noticed[one.Session.Id] = one with { Signs = one.Signs | signs };
            }
        }

        Ring();
    }

    /// <summary>Something was spent or decided that only breakers over agents and the fleet count.</summary>
    internal void Notice()
    {
        lock (_lock)
        {
            _spent = true;
        }

        Ring();
    }

    /// <summary>Looks at all that was noticed so far.</summary>
    public Task LookAsync(CancellationToken cancel) => LookAsync(TimeSpan.Zero, cancel);

    private async Task LookAsync(TimeSpan scopePace, CancellationToken cancel)
    {
        await _looking.WaitAsync(cancel);
        try
        {
            Dictionary<string, Noticed> noticed;
            lock (_lock)
            {
                if (!_spent)
                {
                    return;
                }

                (noticed, _noticed) = (_noticed, new Dictionary<string, Noticed>(StringComparer.Ordinal));
            }

            try
            {
                var now = _time.GetUtcNow();
                var failed = new Dictionary<string, Exception>(StringComparer.Ordinal);
                var wider = noticed.Count == 0 ? [] : await _sessions.LookAsync([.. noticed.Values], now, failed, cancel);
                await LookAtScopesAsync(wider, scopePace, now, cancel);
                if (failed.Count > 0)
                {
                    noticed = noticed.Where(n => failed.ContainsKey(n.Key)).ToDictionary(StringComparer.Ordinal);
                    throw new AggregateException($"{failed.Count} sessions could not be looked at, {failed.Keys.First()} among them", failed.Values);
                }
            }
            catch
            {
                PutBack(noticed);
                throw;
            }
        }
        finally
        {
            _looking.Release();
        }
    }

    private async Task LookAtScopesAsync(IReadOnlyList<(Session Session, TripFound Found)> wider, TimeSpan pace, DateTimeOffset now, CancellationToken cancel)
    {
        if (wider.Count == 0 && _scopesLookedAt is { } at && _time.GetElapsedTime(at) < pace)
        {
            // It is still to be done, with what comes until then.
            Ring();
            return;
        }

        lock (_lock)
        {
            _spent = _noticed.Count > 0;
        }

        _scopesLookedAt = _time.GetTimestamp();
        await _scopes.LookAsync(wider, now, cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await TryAsync(() => RecallAsync(stoppingToken), stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await _bell.WaitAsync(stoppingToken);
            if (await TryAsync(() => LookAsync(ScopePace, stoppingToken), stoppingToken))
            {
                await Task.Delay(Pace, _time, stoppingToken);
            }
            else
            {
                await Task.Delay(Retry, _time, stoppingToken);
                Ring();
            }
        }
    }

    /// <summary>What came in just before the last end may not have been looked at.</summary>
    private async Task RecallAsync(CancellationToken cancel)
    {
        var since = _time.GetUtcNow() - Lately;
        await _store.ReadAsync(
            async db =>
            {
                Notice(await Noticed.LatelyAsync(db, since, MostAtStart, cancel));
                return true;
            },
            cancel);
    }

    private async Task<bool> TryAsync(Func<Task> work, CancellationToken stopping)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            _log.LogWarning(e, "Breakers could not be looked at; trying again in {Retry}", Retry);
            return false;
        }
    }

    private void PutBack(Dictionary<string, Noticed> noticed)
    {
        lock (_lock)
        {
            _spent = true;
            foreach (var (id, one) in noticed)
            {
                _noticed[id] = _noticed.TryGetValue(id, out var newer) ? newer with { Signs = newer.Signs | one.Signs } : one;
            }
        }
    }

    private void Ring()
    {
        try
        {
            if (_bell.CurrentCount == 0)
            {
                _bell.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Somebody else rang it at the same moment.
        }
    }
}
