namespace Handrail.Faults.Clocks;

/// <summary>The clocks of a machine: time that passes, and a date that somebody sets.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private TimeSpan _passed;
    private TimeSpan _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>So much time passes.</summary>
    public void Pass(TimeSpan time) => _passed += time;

    /// <summary>The date is set forward, or with less than nothing back.</summary>
    public void Set(TimeSpan by) => _set += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _passed + _set;

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + _passed.Ticks;
}
