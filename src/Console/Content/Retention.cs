using Handrail.Shell;

namespace Handrail.Content;

/// <summary>Clears away, at the start and every hour, what is older than it is to be kept.</summary>
public sealed class Retention(ClearAway command, TimeProvider time, ILogger<Retention> log)
    : RegularWork(TimeSpan.FromHours(1), "What is older than it is to be kept", time, log)
{
    protected override bool AtStart => true;

    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
