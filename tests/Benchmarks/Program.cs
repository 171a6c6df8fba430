using Handrail.Benchmarks;
using Handrail.Store;

// dotnet run -c Release --project tests/Benchmarks [gate] ...: figures and ratios; nothing is asserted.
var wanted = args.Length == 0 ? ["gate"] : args;
if (wanted.Contains("gate"))
{
    foreach (var provider in Enum.GetValues<DatabaseProvider>())
    {
        await GateBenchmark.RunAsync(provider, connections: 128, requests: 20_000);
        await GateBenchmark.RunAsync(provider, connections: 1, requests: 2_000);
    }
}
