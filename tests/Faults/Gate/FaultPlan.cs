namespace Handrail.Faults.Gate;

internal enum FaultKind
{
    /// <summary>An exception, and nothing was done.</summary>
    Before,

    /// <summary>It was done, and then there is an exception or no answer.</summary>
    After,

    /// <summary>The answer comes late: for whoever has no patience, too late.</summary>
    Slow,

    /// <summary>A value of what is read can't be read: it is missing, cut off, or no such word or number.</summary>
    Malformed,

    /// <summary>From there on nothing is done any more until the fault is over.</summary>
    Outage,

    /// <summary>One reading of the clock is wrong by ten minutes.</summary>
    Clock,
}

/// <summary>Where it happens.</summary>
internal enum FaultPlace
{
    /// <summary>The database's driver.</summary>
    Driver,

    /// <summary>The wire to a PostgreSQL server.</summary>
    Wire,
    Clock,
}

/// <summary>One fault: at the n-th call of a dependency since it was armed.</summary>
/// <param name="Seed">What chance decides of it.</param>
internal sealed record Fault(FaultKind Kind, FaultPlace Place, int At, int Seed);

/// <summary>Strikes the dependencies with one fault at a time, and counts what really struck.</summary>
internal sealed class FaultPlan
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(120);

    private volatile Fault? _armed;
    private int _left;
    private int _struck;

    /// <summary>Faults that really struck, by kind.</summary>
    public SortedDictionary<FaultKind, int> Struck { get; } = [];

    public void Arm(Fault fault)
    {
        (_left, _struck) = (fault.At, 0);
        _armed = fault;
    }

    /// <returns>Whether it struck.</returns>
    public bool Disarm()
    {
        var fault = _armed;
        _armed = null;
        if (fault is null || Volatile.Read(ref _struck) == 0)
        {
            return false;
        }

        Struck[fault.Kind] = Struck.GetValueOrDefault(fault.Kind) + 1;
        return true;
    }

    /// <summary>A dependency is called.</summary>
    /// <returns>What is to happen to the call; null for nothing.</returns>
    public Fault? Next(FaultPlace place)
    {
        if (_armed is not { } fault || fault.Place != place)
        {
            return null;
        }

        var left = Interlocked.Decrement(ref _left);
        if (left != 0 && !(fault.Kind == FaultKind.Outage && left < 0))
        {
            return null;
        }

        Interlocked.Increment(ref _struck);
        return fault;
    }

    public static Task WaitAsync() => Task.Delay(Late);

    public static void Wait()
    {
        using var never = new ManualResetEventSlim();
        never.Wait(Late);
    }
}
