namespace Handrail.Faults.Gate;

/// <summary>The machine's clock, of which one reading is wrong as the plan says.</summary>
internal sealed class ErringClock(FaultPlan plan) : TimeProvider
{
    private static readonly TimeSpan Off = TimeSpan.FromMinutes(10);

    private TimeSpan _later;

    /// <summary>All readings from now on are later by so much.</summary>
    public void Advance(TimeSpan by) => _later += by;

    public override DateTimeOffset GetUtcNow() =>
        base.GetUtcNow() + _later + (plan.Next(FaultPlace.Clock) is { } fault ? fault.Seed % 2 == 0 ? Off : -Off : TimeSpan.Zero);
}
