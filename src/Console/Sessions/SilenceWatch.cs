namespace Handrail.Sessions;

/// <summary>Looks for sessions that have fallen silent.</summary>
public sealed class SilenceWatch(LoseSilentSessions command, TimeProvider time, ILogger<SilenceWatch> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

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
                log.LogWarning(e, "Silent sessions could not be looked for; looking again");
            }
        }
    }
}
