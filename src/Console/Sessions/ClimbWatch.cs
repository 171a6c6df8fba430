using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Looks every few seconds at how fast sessions climb.</summary>
public sealed class ClimbWatch(ClimbRates rates, TimeProvider time, ILogger<ClimbWatch> log)
    : RegularWork(TimeSpan.FromSeconds(10), "How fast sessions climb", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => rates.LookAsync(cancel);
}
