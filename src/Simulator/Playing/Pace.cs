namespace Handrail.Simulator.Playing;

/// <summary>How long things take, made shorter by the speed.</summary>
internal sealed class Pace(double speed, TimeProvider clock)
{
    public TimeProvider Clock => clock;

    public TimeSpan Scaled(double seconds) => TimeSpan.FromSeconds(seconds / speed);

    public Task TakeAsync(double seconds, CancellationToken cancellationToken) => Task.Delay(Scaled(seconds), clock, cancellationToken);
}
