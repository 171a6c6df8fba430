using Handrail.Live;
using Hangfire;

namespace Handrail.Jobs;

/// <summary>Has the outbox seen to as soon as something is committed to it. Whatever it misses, the timetable's look finds.</summary>
public sealed class OutboxWatch(IBackgroundJobClient jobs, Hints hints, TimeProvider time, ILogger<OutboxWatch> log) : BackgroundService
{
    /// <summary>What comes within this is seen to at once: one look finds all of it.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What was left when the console last ended is seen to now.
        using var listener = hints.ListenToAll(HintKind.Notice);
        await EnqueueAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await listener.NextAsync(TimeSpan.FromMinutes(1), time, stoppingToken) is { } heard && heard.Any(h => h.Key == Hint.ToSend))
            {
                await EnqueueAsync(stoppingToken);
                await Task.Delay(Pace, time, stoppingToken);
            }
        }
    }

    /// <summary>On a thread that may wait: the jobs' storage is written to without async.</summary>
    private Task EnqueueAsync(CancellationToken cancel) => Task.Run(
        () =>
        {
            try
            {
                jobs.Enqueue<OutboxJobs>(j => j.RouteAsync(CancellationToken.None));
            }
            catch (Exception e) when (e is BackgroundJobClientException or InvalidOperationException)
            {
                log.LogWarning(e, "The outbox could not be seen to at once; the timetable's look will");
            }
        },
        cancel);
}
