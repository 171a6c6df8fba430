namespace Handrail.Host;

/// <summary>The real clock, put forward: what is due by it is due, and what runs at a beat of its own does not make up for every beat of the days between.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private TimeSpan _by;

    public void Advance(TimeSpan by) => _by += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _by;
}
