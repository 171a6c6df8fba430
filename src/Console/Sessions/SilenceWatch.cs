using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Looks for sessions that have fallen silent.</summary>
public sealed class SilenceWatch(LoseSilentSessions command, TimeProvider time, ILogger<SilenceWatch> log)
    : RegularWork(TimeSpan.FromSeconds(5), "Silent sessions", time, log)
{
    protected override Task RoundAsync(CancellationToken cancel) => command.HandleAsync(cancel);
}
