using Microsoft.Extensions.Time.Testing;

namespace Handrail.Client.Tests.Fakes;

/// <summary>A clock that stands still until told, and says which waits were asked of it.</summary>
internal sealed class NotedClock : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];

    public bool HasWait(TimeSpan length)
    {
        lock (_lock)
        {
            return _waits.Contains(length);
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
