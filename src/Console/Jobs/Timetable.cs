using Hangfire;

namespace Handrail.Jobs;

/// <summary>
/// Enters what recurs. Not while the console starts: the lock that it takes for that in the database outlives a process that was killed with it, and nobody who
/// waits for the gate or for a stop is to wait for it.
/// </summary>
public sealed class Timetable(IRecurringJobManager jobs, TimeProvider time, ILogger<Timetable> log) : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // On a thread that may wait: the jobs' storage is written to without async.
                await Task.Run(Enter, stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("The timetable could not be entered ({Reason}); trying again in {Again}", e.Message, Again);
                await Task.Delay(Again, time, stoppingToken);
            }
        }
    }

    private void Enter()
    {
        jobs.AddOrUpdate<OutboxJobs>("outbox", j => j.LookAsync(CancellationToken.None), "*/15 * * * * *");
        jobs.AddOrUpdate<OutboxJobs>("outbox-clear", j => j.ClearAsync(CancellationToken.None), Cron.Daily(3));
    }
}
