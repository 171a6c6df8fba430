using Handrail.Shell;

namespace Handrail.Breakers;

/// <summary>Keeps what breakers with a window add up small.</summary>
public sealed class MinutesTidy(TidyMinutes command, TimeProvider time, ILogger<MinutesTidy> log)
    : RegularWork(TimeSpan.FromMinutes(10), "Minutes that are long past", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
