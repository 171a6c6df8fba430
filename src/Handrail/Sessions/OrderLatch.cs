using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.Extensions.Logging;

namespace Handrail.Sessions;

/// <summary>An order to stop or to pause that the database has not taken yet.</summary>
/// <param name="Scope"><c>session:ID</c>, <c>agent:NAME</c> or <c>fleet</c>.</param>
/// <param name="Agent">Of an order to a session, its agent, where it was known; then the agent's other connections hear of it as well.</param>
public sealed record LatchedOrder(Guid Id, string Scope, string? Agent, ControlKind Kind, string? Reason, LatchedBy By, DateTimeOffset At)
{
    public ControlState State => Kind == ControlKind.Stop ? ControlState.Stopped : ControlState.Paused;

    /// <summary>The stop of what has started this session, by which this one is stopped; null for an order that somebody gave.</summary>
    public Guid? Follows { get; init; }

    /// <summary>The session it is for; null for an agent or the fleet.</summary>
    public string? SessionId => Scope.StartsWith("session:", StringComparison.Ordinal) ? Scope["session:".Length..] : null;

    /// <summary>The agent it is for; null for a session or the fleet.</summary>
    public string? ForAgent => Scope.StartsWith("agent:", StringComparison.Ordinal) ? Scope["agent:".Length..] : null;
}

/// <summary>Who gave it, as the record will name them.</summary>
public sealed record LatchedBy(string Id, string Name, List<string> Roles, string? Address, string? CorrelationId)
{
    /// <summary>A person, or this console itself.</summary>
    public CallerKind Kind { get; init; } = CallerKind.Person;

    public List<LimitedRole> LimitedRoles { get; init; } = [];

    public List<string> DataScopes { get; init; } = [];

    public static LatchedBy Of(Caller caller) => new(caller.Id, caller.Name, [.. caller.Roles.Order(StringComparer.Ordinal)], caller.Address, caller.CorrelationId)
    {
        Kind = caller.Kind, LimitedRoles = [.. caller.LimitedRoles], DataScopes = [.. caller.DataScopes],
    };

    public Caller Caller() => new()
    {
        Kind = Kind, Id = Id, Name = Name, Roles = Roles.ToHashSet(StringComparer.Ordinal), LimitedRoles = LimitedRoles, DataScopes = DataScopes, Address = Address, CorrelationId = CorrelationId,
    };
}

/// <summary>Where latched orders are kept over a restart of this process; null keeps them in memory alone.</summary>
public sealed record LatchSettings(string? File);

/// <summary>
/// What tightens must work when the database is slow, full or gone: this process answers agents by what stands here until it is written down.
/// It also stands in a file beside the console, so that an order which was answered outlives a crash of the console.
/// Other processes know nothing of it before it is written down.
/// </summary>
public sealed class OrderLatch
{
    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _inHand = [];
    private readonly KeptList<LatchedOrder> _kept;
    private readonly Hints _hints;
    private readonly ILogger<OrderLatch> _log;
    private volatile IReadOnlyList<LatchedOrder> _orders = [];

    public OrderLatch(LatchSettings settings, Hints hints, TimeProvider time, ILogger<OrderLatch> log)
    {
        (_hints, _log, _kept) = (hints, log, new KeptList<LatchedOrder>(settings.File, "Orders", o => o is { Scope: not null, By: { Id: not null, Name: not null, Roles: not null } }, log));
        if (_kept.Load() is { } orders)
        {
            _orders = orders;
            return;
        }

        // Somebody was told that something stops, and nobody knows what any more: then nothing runs until a person has looked.
        _orders =
        [
            new LatchedOrder(
                Guid.CreateVersion7(), Scopes.Fleet, null, ControlKind.Pause,
                $"Orders to stop or to pause that were answered while the database was away can't be read again. Look into {Path.GetFileName(_kept.Unreadable)} in the console's data folder, order them anew, then resume.",
                LatchedBy.Of(Caller.System), time.GetUtcNow()),
        ];
        _kept.Save(_orders);
    }

    /// <summary>Told of each order as it is latched, on the thread that does it.</summary>
    public event Action<LatchedOrder>? Latched;

    /// <summary>Told when one is written down, or turned out to be none.</summary>
    public event Action<LatchedOrder>? Released;

    /// <summary>In the order in which they were given.</summary>
    public IReadOnlyList<LatchedOrder> Orders => _orders;

    /// <summary>The strictest that is latched for a session, for agents and for the fleet; <see cref="ControlState.Running"/> for nothing.</summary>
    /// <param name="sessionId">Null for no session.</param>
    /// <param name="agents">Whoever acts, and whose session it is.</param>
    public ControlState State(string? sessionId, params ReadOnlySpan<string?> agents) => Ruling(sessionId, agents)?.State ?? ControlState.Running;

    /// <summary>The order that rules, the strictest; null for none.</summary>
    public LatchedOrder? Ruling(string? sessionId, params ReadOnlySpan<string?> agents)
    {
        LatchedOrder? ruling = null;
        foreach (var order in _orders)
        {
            if ((ruling is null || order.State > ruling.State) && Concerns(order, sessionId, agents))
            {
                ruling = order;
            }
        }

        return ruling;
    }

    /// <summary>Nothing loosens before what tightened it is written down: it would be tightened again.</summary>
    /// <exception cref="Refusal">An order to this scope is latched.</exception>
    internal void DemandNothing(string scope)
    {
        if (_orders.FirstOrDefault(o => o.Scope == scope) is { } order)
        {
            throw Refusal.Conflict(
                $"{order.By.Name} ordered a {order.Kind.Text()} at {order.At:yyyy-MM-dd'T'HH:mm:ss'Z'} that the database has not taken yet; try again once it has.", new { scope, state = order.State });
        }
    }

    /// <summary>Holds from here on. Whoever latches an order and goes on trying to write it says so, so that nobody else does.</summary>
    internal void Hold(LatchedOrder order, bool inHand)
    {
        lock (_lock)
        {
            if (inHand)
            {
                _inHand.Add(order.Id);
            }
            else
            {
                _inHand.Remove(order.Id);
            }

            // What would follow a stop that has meanwhile turned out to be none, is none either.
            if (Holds(order.Id) || (order.Follows is { } stop && !Holds(stop)))
            {
                return;
            }

            _orders = [.. _orders, order];
            _kept.Save(_orders);
        }

        _log.LogWarning("The database has not taken the order to {Kind} {Scope} yet; this console answers by it until it is written down", order.Kind, order.Scope);
        Latched?.Invoke(order);
        Tell(order);
    }

    /// <summary>It is written down, or turned out to be none.</summary>
    internal void Release(LatchedOrder order)
    {
        lock (_lock)
        {
            _inHand.Remove(order.Id);
            if (!Holds(order.Id))
            {
                return;
            }

            _orders = [.. _orders.Where(o => o.Id != order.Id)];
            _kept.Save(_orders);
        }

        Released?.Invoke(order);
        Tell(order);
    }

    /// <summary>True until it is released.</summary>
    internal bool Holds(Guid order) => _orders.Any(o => o.Id == order);

    /// <summary>Those that nobody is writing down at this moment.</summary>
    internal IReadOnlyList<LatchedOrder> Left()
    {
        lock (_lock)
        {
            return [.. _orders.Where(o => !_inHand.Contains(o.Id))];
        }
    }

    private static bool Concerns(LatchedOrder order, string? sessionId, ReadOnlySpan<string?> agents)
    {
        if (order.Scope == Scopes.Fleet || (sessionId is not null && order.SessionId == sessionId))
        {
            return true;
        }

        foreach (var agent in agents)
        {
            if (agent is not null && order.ForAgent == agent)
            {
                return true;
            }
        }

        return false;
    }

    private void Tell(LatchedOrder order)
    {
        _hints.Tell(new Hint(HintKind.Control, order.Scope));
        _hints.Tell(order.SessionId is { } session ? new Hint(HintKind.Session, session) : new Hint(HintKind.Agent, order.ForAgent ?? Scopes.Fleet));
    }
}
