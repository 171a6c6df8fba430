namespace Handrail.Store;

/// <summary>
/// The console's clock: it goes by the time that has passed, whatever is done to the machine's. Set back, it goes on from where it was, so that nothing outlives its time. Set forward,
/// or after the machine slept, it follows at once, for the same reason, and remembers the leap: what breakers count within a window is not forgotten for it. A process that starts on SQLite goes on
/// from where the one before it was. On PostgreSQL it goes by the database's clock instead, which all processes share, as soon as it has heard of it.
/// </summary>
public sealed class SteadyTime : TimeProvider
{
    /// <summary>Less is two clocks that go unevenly.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(1);

    /// <summary>More leaps than windows could reach over.</summary>
    private const int Most = 100;

    private readonly TimeProvider _machine;
    private readonly Lock _lock = new();
    private volatile Mark _mark;
    private volatile bool _told;
    private volatile IReadOnlyList<Leap> _leaps = [];

    /// <param name="machine">The clocks of the machine: its date, which may be set, and its running time.</param>
    public SteadyTime(TimeProvider machine) => (_machine, _mark) = (machine, new Mark(machine.GetUtcNow(), machine.GetTimestamp()));

    public override long TimestampFrequency => _machine.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _machine.LocalTimeZone;

    public override DateTimeOffset GetUtcNow()
    {
        var now = Running();
        if (_told)
        {
            return now;
        }

        var date = _machine.GetUtcNow();
        if (date - now < Noticed)
        {
            return date > now ? date : now;
        }

        Follow(date);
        return date;
    }

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>What the database's clock says. From the first word on the machine's date counts no more; nothing has been written by it before.</summary>
    internal void Hear(DateTimeOffset database)
    {
        if (_told)
        {
            Follow(database);
            return;
        }

        lock (_lock)
        {
            (_mark, _told) = (new Mark(database, _machine.GetTimestamp()), true);
        }
    }

    /// <summary>
    /// Goes on from what this clock said in a process that has ended, should the machine's date be before that by now. Not once a database's clock has been heard.
    /// </summary>
    /// <returns>By how much it was before; nothing where it was not.</returns>
    internal TimeSpan GoOnFrom(DateTimeOffset last)
    {
        var behind = last - GetUtcNow();
        if (_told || behind <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        lock (_lock)
        {
            _mark = new Mark(last, _machine.GetTimestamp());
        }

        return behind;
    }

    /// <summary>The moment from which so much time has passed until now, by this clock with its leaps left out.</summary>
    internal DateTimeOffset Before(DateTimeOffset now, TimeSpan passed)
    {
        var from = now - passed;
        foreach (var leap in _leaps)
        {
            from -= leap.At > from && leap.At <= now ? leap.By : TimeSpan.Zero;
        }

        return from;
    }

    private DateTimeOffset Running()
    {
        var mark = _mark;
        return mark.At + _machine.GetElapsedTime(mark.Timestamp);
    }

    private void Follow(DateTimeOffset date)
    {
        lock (_lock)
        {
            var leap = date - Running();
            if (leap >= Noticed)
            {
                // The newest first.
                _leaps = [new Leap(date, leap), .. _leaps.Take(Most - 1)];
                _mark = new Mark(date, _machine.GetTimestamp());
            }
        }
    }

    private sealed record Mark(DateTimeOffset At, long Timestamp);

    private sealed record Leap(DateTimeOffset At, TimeSpan By);
}

/// <summary>Windows that end now.</summary>
internal static class WindowTime
{
    /// <summary>Where a window that ends at a moment of this clock begins.</summary>
    public static DateTimeOffset Before(this TimeProvider time, DateTimeOffset now, TimeSpan window) => time is SteadyTime steady ? steady.Before(now, window) : now - window;
}
