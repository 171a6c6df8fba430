using System.Runtime.InteropServices;
using Handrail.Simulator;

if (!SimulatorOptions.TryParse(args, Environment.GetEnvironmentVariable, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
if (options.UntilStdinCloses)
{
    _ = Task.Run(async () =>
    {
        // Whoever started us holds the other end: however it ends, ours closes with it.
        await Console.OpenStandardInput().CopyToAsync(Stream.Null);
        await stopping.CancelAsync();
    });
}

await using var fleet = new Fleet(options, TimeProvider.System, Console.Error);
await fleet.RunAsync(stopping.Token);
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
