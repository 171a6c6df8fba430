using Handrail.Access;
using Handrail.Store;
using Microsoft.Extensions.Logging;

namespace Handrail.Sessions;

/// <summary>What became of an order to stop or to pause.</summary>
/// <param name="Written">What it was for, as it then is; null when this process holds the order until the database takes it.</param>
/// <param name="Latched">The order as this process holds it; null when it is written down.</param>
public sealed record BrakeResult<T>(T? Written, LatchedOrder? Latched)
    where T : class;

/// <summary>
/// Stop and pause, whatever state the database is in. What it does not take at once this process holds and answers agents by; what it does not
/// take at all is written down when it can be. Never does this process hold what it knows to be refused.
/// </summary>
public sealed class Brake(ControlSession sessions, ControlScope scopes, OrderLatch latch, HandrailStore store, TimeProvider time, ILogger<Brake> log) : IDisposable
{
    /// <summary>How long the database may take before agents are told without it. Half of what an order may take on its way to them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(125);

    /// <summary>How long whoever pressed Stop waits to hear whether it is written down.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>How long is spent on finding out what a stop reaches: nobody waits for that in front of a runaway.</summary>
    private static readonly TimeSpan Looking = TimeSpan.FromSeconds(1);

    /// <summary>The same where nobody waits.</summary>
    private static readonly TimeSpan LookingOn = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _settling = new(1, 1);

    /// <summary>Stops or pauses one session.</summary>
    /// <param name="kind">Stop or pause.</param>
    /// <param name="seenVersion">The session's version as the person saw it; null when it was not said.</param>
    /// <exception cref="Refusal">No right, no such session, another version, or an order that the state does not permit.</exception>
    public Task<BrakeResult<Session>> SessionAsync(Caller caller, string sessionId, ControlKind kind, string? reason, long? seenVersion) =>
        OrderAsync(caller, Scopes.Session(sessionId), kind, reason, cancel => sessions.HandleAsync(caller, sessionId, kind, reason, null, seenVersion, cancel));

    /// <summary>Stops or pauses every session of an agent, or the fleet.</summary>
    /// <param name="agent">Null for the fleet.</param>
    /// <param name="kind">Stop or pause.</param>
    /// <exception cref="Refusal">No right, no such agent, or an order that the state does not permit.</exception>
    public Task<BrakeResult<ScopeControl>> ScopeAsync(Caller caller, string? agent, ControlKind kind, string? reason) =>
        OrderAsync(caller, agent is null ? Scopes.Fleet : Scopes.Agent(agent), kind, reason, cancel => scopes.HandleAsync(caller, agent, kind, reason, cancel));

    /// <summary>What a stop of the session would reach; null where the database does not say in time.</summary>
    /// <exception cref="Refusal">No right, or no such session.</exception>
    public Task<StopReach?> ReachAsync(Caller caller, string sessionId) => LookAsync(Looking, cancel => sessions.ReachAsync(caller, sessionId, cancel));

    /// <summary>What a stop of all these sessions would reach; null where the database does not say in time.</summary>
    /// <exception cref="Refusal">No right.</exception>
    public Task<StopReach?> ReachOfManyAsync(Caller caller, IReadOnlyCollection<string> sessionIds) => LookAsync(Looking, cancel => sessions.ReachOfManyAsync(caller, sessionIds, cancel));

    /// <summary>What a stop of the agent, or of the fleet, would reach; null where the database does not say in time.</summary>
    /// <param name="agent">Null for the fleet.</param>
    /// <exception cref="Refusal">No right, or no such agent.</exception>
    public Task<StopReach?> ReachOfScopeAsync(Caller caller, string? agent) => LookAsync(Looking, cancel => scopes.ReachAsync(caller, agent, cancel));

    /// <summary>Writes down what is latched, in the order in which it was given. What still can't be written stays latched.</summary>
    /// <returns>How many are left.</returns>
    public async Task<int> SettleAsync(CancellationToken cancel)
    {
        await _settling.WaitAsync(cancel);
        try
        {
            // One that is refused takes those with it that follow it.
            foreach (var order in latch.Left().Where(o => latch.Holds(o.Id)))
            {
                await WriteDownAsync(order, cancel);
            }

            return latch.Orders.Count;
        }
        finally
        {
            _settling.Release();
        }
    }

    /// <summary>
    /// What a stopped session or agent has started stops with it, as far as it can be found out: a full database can still be read. Where the database does not
    /// say in time, and for what turns up later, this is called again and again while the stop is latched. Not for one that is in hand: it may yet be refused.
    /// </summary>
    public async Task HoldBelowAsync()
    {
        foreach (var stops in latch.Left().Where(o => o is { Kind: ControlKind.Stop, Follows: null } && o.Scope != Scopes.Fleet).GroupBy(o => (o.By.Id, o.Reason, o.ForAgent)))
        {
            await HoldBelowAsync([.. stops], LookingOn);
        }
    }

    public void Dispose() => _settling.Dispose();

    private async Task<BrakeResult<T>> OrderAsync<T>(Caller caller, string scope, ControlKind kind, string? reason, Func<CancellationToken, Task<T>> write)
        where T : class
    {
        if (kind is not (ControlKind.Stop or ControlKind.Pause))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only what tightens is latched.");
        }

        // Over which agents the right goes is asked where the order is written down. Until the database says no, a stop holds.
        if (scope == Scopes.Fleet)
        {
            caller.Demand(Permission.Control);
        }
        else
        {
            caller.DemandSomewhere(Permission.Control);
        }

        var order = new LatchedOrder(Guid.CreateVersion7(), scope, null, kind, reason, LatchedBy.Of(caller), time.GetUtcNow());
        using var limit = new CancellationTokenSource(Longest, time);

        // SQLite waits on the thread that asks. And a stop that was sent is carried out, whether or not its sender waits.
        var writing = Task.Run(() => write(limit.Token), CancellationToken.None);
        try
        {
            if (await Task.WhenAny(writing, Task.Delay(Patience, time, CancellationToken.None)) != writing)
            {
                latch.Hold(order, inHand: true);
            }

            var written = await writing.WaitAsync(limit.Token);
            latch.Release(order);
            return new BrakeResult<T>(written, null);
        }
        catch (Refusal)
        {
            latch.Release(order);
            throw;
        }
        catch (Exception e)
        {
            // Whatever went wrong, the order stands. Whether it was written is not known; written twice it changes nothing.
            if (!StorageFault.Is(e) && !limit.IsCancellationRequested)
            {
                log.LogError(e, "An order to {Kind} {Scope} could not be written down", kind, scope);
            }

            latch.Hold(order, inHand: false);
            if (kind == ControlKind.Stop && scope != Scopes.Fleet)
            {
                await HoldBelowAsync([order], Looking);
            }

            return new BrakeResult<T>(null, order);
        }
    }

    /// <param name="stops">Given by one person for one reason, to sessions or to one agent.</param>
    private async Task HoldBelowAsync(IReadOnlyCollection<LatchedOrder> stops, TimeSpan patience)
    {
        var first = stops.First();
        var below = await LookAsync(patience, cancel => store.ReadAsync(
            async db => await SessionFamily.LiveBelowAsync(db, first.ForAgent is { } agent ? await SessionFamily.LiveOfAsync(db, agent, cancel) : [.. stops.Select(s => s.SessionId!)], cancel), cancel));
        foreach (var (id, agent) in below ?? [])
        {
            if (latch.State(id, agent) != ControlState.Stopped)
            {
                latch.Hold(
                    new LatchedOrder(
                        Guid.CreateVersion7(), Scopes.Session(id), agent, ControlKind.Stop, $"The session that started it was stopped{(first.Reason is null ? "" : $": {first.Reason}")}",
                        first.By, time.GetUtcNow())
                    {
                        Follows = first.Id,
                    },
                    inHand: false);
            }
        }
    }

    /// <summary>Null where the database does not answer in time.</summary>
    private async Task<T?> LookAsync<T>(TimeSpan patience, Func<CancellationToken, Task<T>> look)
        where T : class
    {
        using var limit = new CancellationTokenSource(patience, time);
        try
        {
            return await Task.Run(() => look(limit.Token), CancellationToken.None).WaitAsync(limit.Token);
        }
        catch (Exception e) when (StorageFault.Is(e) || limit.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task WriteDownAsync(LatchedOrder order, CancellationToken cancel)
    {
        var caller = order.By.Caller();
        try
        {
            if (order.SessionId is { } session)
            {
                await sessions.HandleAsync(caller, session, order.Kind, order.Reason, null, null, cancel);
            }
            else
            {
                await scopes.HandleAsync(caller, order.ForAgent, order.Kind, order.Reason, cancel);
            }

            latch.Release(order);
        }
        catch (Refusal refusal)
        {
            // There is no such session or agent, or what holds there already is stricter.
            log.LogWarning("The order to {Kind} {Scope} by {By} of {At} is dropped: {Reason}", order.Kind, order.Scope, order.By.Name, order.At, refusal.Message);
            latch.Release(order);
            foreach (var follower in latch.Orders.Where(o => o.Follows == order.Id))
            {
                latch.Release(follower);
            }
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("The order to {Kind} {Scope} of {At} is still not written down ({Reason}); this console holds it", order.Kind, order.Scope, order.At, e.Message);
        }
    }
}
