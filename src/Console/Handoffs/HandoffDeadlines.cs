namespace Handrail.Handoffs;

/// <summary>Looks every second for handoffs whose time is over.</summary>
public sealed class HandoffDeadlines(ExpireHandoffs expire, TimeProvider time, ILogger<HandoffDeadlines> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await expire.HandleAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The rows keep the deadlines: the next look finds them again.
                log.LogWarning(e, "Handoffs past their deadline could not be dealt with; trying again");
            }
        }
    }
}
