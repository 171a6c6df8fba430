namespace Handrail.Sessions;

/// <summary>Looks every few seconds at how fast sessions climb.</summary>
public sealed class ClimbWatch(ClimbRates rates, TimeProvider time, ILogger<ClimbWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await rates.LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "How fast sessions climb could not be looked at; looking again");
            }
        }
    }
}
