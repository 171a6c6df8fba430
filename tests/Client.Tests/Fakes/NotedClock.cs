using Microsoft.Extensions.Time.Testing;

namespace Handrail.Client.Tests.Fakes;

/// <summary>A clock that stands still until told, and says which waits were asked of it.</summary>
internal sealed class NotedClock : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];

    /// <summary>How wrong its date is; how long it runs stays right.</summary>
    public TimeSpan DateError { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + DateError;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public bool HasWait(TimeSpan length)
    {
        lock (_lock)
        {
            return _waits.Contains(length);
        }
    }

    /// <summary>How many waits have been asked of it.</summary>
    public int Waits
    {
        get
        {
            lock (_lock)
            {
                return _waits.Count;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            _waits.Add(dueTime);
        }

        return timer;
    }
}
