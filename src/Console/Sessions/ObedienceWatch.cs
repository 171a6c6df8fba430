using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Looks for orders that nobody has acknowledged in time.</summary>
public sealed class ObedienceWatch(WatchObedience command, TimeProvider time, ILogger<ObedienceWatch> log)
    : RegularWork(TimeSpan.FromSeconds(2), "Orders that are not obeyed", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
