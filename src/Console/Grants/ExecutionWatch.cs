namespace Handrail.Grants;

/// <summary>Looks for what was claimed and never reported, and for what was let go and never claimed.</summary>
public sealed class ExecutionWatch(SettleExecutions command, TimeProvider time, ILogger<ExecutionWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await command.HandleAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The rows keep the times: the next look finds them again.
                log.LogWarning(e, "Actions that nobody reported could not be dealt with; trying again");
            }
        }
    }
}
