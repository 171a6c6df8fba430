using Handrail.Shell;

namespace Handrail.Handoffs;

/// <summary>Looks every second for handoffs whose time is over.</summary>
public sealed class HandoffDeadlines(ExpireHandoffs expire, TimeProvider time, ILogger<HandoffDeadlines> log)
    : RegularWork(TimeSpan.FromSeconds(1), "Handoffs past their deadline", time, log)
{
    /// <summary>What fell due while no console ran is dealt with at once.</summary>
    protected override bool AtStart => true;

    protected override Task RoundAsync(CancellationToken cancel) => expire.HandleAsync(cancel);
}
