using Handrail.Notify;
using Hangfire;

namespace Handrail.Jobs;

/// <summary>
/// The outbox's work as jobs: what is to be done stands in its rows, and a job only says that somebody is to look. One that is lost with the
/// process, or fails for good, is made up for by the next look of the timetable.
/// </summary>
[AutomaticRetry(Attempts = 3, DelaysInSeconds = [1, 5, 15], OnAttemptsExceeded = AttemptsExceededAction.Delete)]
public sealed class OutboxJobs(RouteNotices route, SendDeliveries send, WatchDeadlines deadlines, ClearNotices clear, JobRuns runs, IBackgroundJobClient jobs)
{
    /// <summary>Asks the rules of what is new, and has every channel that has something due seen to by a job of its own, so that a slow one holds up no other.</summary>
    public Task RouteAsync(CancellationToken cancel) => runs.Of("outbox.route").RunAsync(() => RouteAllAsync(cancel), cancel);

    public Task SendAsync(string channel, CancellationToken cancel) => runs.Of("outbox.send").RunAsync(
        async () =>
        {
            if (await send.HandleAsync(channel, cancel) is { } again)
            {
                jobs.Schedule<OutboxJobs>(j => j.SendAsync(channel, CancellationToken.None), again);
            }
        },
        cancel);

    /// <summary>The regular look: deadlines that come near, what is new, what is due again.</summary>
    public Task LookAsync(CancellationToken cancel) => runs.Of("outbox.look").RunAsync(
        async () =>
        {
            await deadlines.HandleAsync(cancel);
            await RouteAllAsync(cancel);
        },
        cancel);

    public Task ClearAsync(CancellationToken cancel) => runs.Of("outbox.clear").RunAsync(() => clear.HandleAsync(cancel), cancel);

    private async Task RouteAllAsync(CancellationToken cancel)
    {
        foreach (var channel in await route.HandleAsync(cancel))
        {
            jobs.Enqueue<OutboxJobs>(j => j.SendAsync(channel, CancellationToken.None));
        }
    }
}
