using Handrail.Notify;
using Hangfire;

namespace Handrail.Jobs;

/// <summary>
/// The outbox's work as jobs: what is to be done stands in its rows, and a job only says that somebody is to look. One that is lost with the
/// process, or fails for good, is made up for by the next look of the timetable.
/// </summary>
[AutomaticRetry(Attempts = 3, DelaysInSeconds = [1, 5, 15], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class OutboxJobs(RouteNotices route, SendDeliveries send, WatchDeadlines deadlines, ClearNotices clear, IBackgroundJobClient jobs)
{
    /// <summary>Asks the rules of what is new, and has every channel that has something due seen to by a job of its own, so that a slow one holds up no other.</summary>
    public async Task RouteAsync(CancellationToken cancel)
    {
        foreach (var channel in await route.HandleAsync(cancel))
        {
            jobs.Enqueue<OutboxJobs>(j => j.SendAsync(channel, CancellationToken.None));
        }
    }

    public async Task SendAsync(string channel, CancellationToken cancel)
    {
        if (await send.HandleAsync(channel, cancel) is { } again)
        {
            jobs.Schedule<OutboxJobs>(j => j.SendAsync(channel, CancellationToken.None), again);
        }
    }

    /// <summary>The regular look: deadlines that come near, what is new, what is due again.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        await deadlines.HandleAsync(cancel);
        await RouteAsync(cancel);
    }

    public Task ClearAsync(CancellationToken cancel) => clear.HandleAsync(cancel);
}
