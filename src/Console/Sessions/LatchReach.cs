using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Finds what latched stops have started, and has it stopped with them. Apart from <see cref="LatchWatch"/>, which waits as long as the database does.</summary>
public sealed class LatchReach(Brake brake, OrderLatch latch, TimeProvider time, ILogger<LatchReach> log) : RegularWork(TimeSpan.FromSeconds(1), "What latched stops have started", time, log)
{
    protected override bool AtStart => true;

    protected override Task RoundAsync(CancellationToken cancel) => latch.Orders.Count > 0 ? brake.HoldBelowAsync() : Task.CompletedTask;
}
