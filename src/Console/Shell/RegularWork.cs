using Handrail.Jobs;

namespace Handrail.Shell;

/// <summary>
/// Work that is done again and again while the console runs. A round that fails is logged and the next one tries again: what there is to do
/// stands in rows, and is found again.
/// </summary>
/// <param name="subject">What a failed round did not come to, for the log.</param>
public abstract class RegularWork(TimeSpan every, string subject, TimeProvider time, ILogger log) : BackgroundService
{
    private JobRun? _run;

    /// <summary>True to begin with a round instead of a wait.</summary>
    protected virtual bool AtStart => false;

    /// <summary>How its rounds went.</summary>
    public JobRun Run => LazyInitializer.EnsureInitialized(ref _run, () => new JobRun(GetType().Name, traced: false, time));

    protected abstract Task RoundAsync(CancellationToken cancel);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, time);
        for (var now = AtStart; now || await timer.WaitForNextTickAsync(stoppingToken); now = false)
        {
            try
            {
                await Run.RunAsync(() => RoundAsync(stoppingToken), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // A call within that was given up is a failed round like any other: only the console's own end is the end.
                log.LogWarning(e, "{Subject} could not be dealt with; trying again in {Every}", subject, every);
            }
        }
    }
}
