using Handrail.Breakers;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Looks for sessions that have fallen silent.</summary>
public sealed class SilenceWatch(LoseSilentSessions command, SilenceBreakers breakers, TimeProvider time, ILogger<SilenceWatch> log)
    : RegularWork(TimeSpan.FromSeconds(5), "Silent sessions", time, log)
{
    protected override async Task RoundAsync(CancellationToken cancel)
    {
        await breakers.HandleAsync(cancel);
        await command.HandleAsync(cancel);
    }
}
