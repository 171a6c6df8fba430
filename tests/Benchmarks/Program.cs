using Handrail.Benchmarks;
using Handrail.Store;

// dotnet run -c Release --project tests/Benchmarks [gate] [ingest] [sessions-page] [sqlite|postgres]: figures and ratios; nothing is asserted.
var providers = Enum.GetValues<DatabaseProvider>().Where(p => args.Contains(p.ToString().ToLowerInvariant())).ToList();
var wanted = args.Except(Enum.GetNames<DatabaseProvider>(), StringComparer.OrdinalIgnoreCase).DefaultIfEmpty("all").ToList();
foreach (var provider in providers.Count > 0 ? providers : [.. Enum.GetValues<DatabaseProvider>()])
{
    if (Wants("gate"))
    {
        await GateBenchmark.RunAsync(provider, connections: 128, requests: 20_000);
        await GateBenchmark.RunAsync(provider, connections: 1, requests: 2_000);
    }

    if (Wants("ingest"))
    {
        await IngestBenchmark.RunAsync(provider, requests: 1_200);
    }

    if (Wants("sessions-page"))
    {
        await SessionsPageBenchmark.RunAsync(provider, sessions: 10_000);
        await SessionsPageBenchmark.RunAsync(provider, sessions: 100_000);
    }
}

bool Wants(string benchmark) => wanted.Contains(benchmark) || wanted.Contains("all");
