using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Writes down what the database did not take, as soon as it does.</summary>
public sealed class LatchWatch(Brake brake, OrderLatch latch, TimeProvider time, ILogger<LatchWatch> log) : RegularWork(TimeSpan.FromSeconds(1), "Latched orders", time, log)
{
    /// <summary>Orders of a console that ended before it could write them down.</summary>
    protected override bool AtStart => true;

    protected override async Task RoundAsync(CancellationToken cancel)
    {
        if (latch.Orders.Count > 0 && await brake.SettleAsync(cancel) == 0)
        {
            log.LogInformation("All latched orders are written down");
        }
    }
}
