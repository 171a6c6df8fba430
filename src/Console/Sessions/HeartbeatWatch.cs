using Handrail.ReadBack;
using Handrail.Shell;

namespace Handrail.Sessions;

/// <summary>Writes down which sessions' processes are there: those that are connected, and those that were noted since the last round.</summary>
public sealed class HeartbeatWatch(Heartbeats heartbeats, AgentFeeds feeds, TimeProvider time, ILogger<HeartbeatWatch> log)
    : RegularWork(TimeSpan.FromSeconds(10), "Signs of life", time, log)
{
    protected override async Task RoundAsync(CancellationToken cancel)
    {
        foreach (var (caller, session) in feeds.Sessions)
        {
            heartbeats.Note(caller, session);
        }

        await heartbeats.WriteAsync(cancel);
    }
}
