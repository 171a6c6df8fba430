using System.Globalization;
using Handrail.Benchmarks;
using Handrail.Store;

// dotnet run -c Release --project tests/Benchmarks [decide] [gate] [preview [ACTIONS]] [ingest] [sessions-page] [inbox [OPEN]] [fleet [SESSIONS]] [deadlines] [control] [readback] [notice] [audit [RECORDS]] [growth [STEPS] [in=FOLDER]] [memory [SPANS]] [sqlite|postgres]:
// figures and ratios; nothing is asserted. Inbox, fleet, growth and memory, which need minutes and gigabytes, are run only when they are named.
var providers = Enum.GetValues<DatabaseProvider>().Where(p => args.Contains(p.ToString().ToLowerInvariant())).ToList();
var steps = args.Select(a => int.TryParse(a, CultureInfo.InvariantCulture, out var number) ? number : (int?)null).FirstOrDefault(n => n is not null);
var folder = args.FirstOrDefault(a => a.StartsWith("in=", StringComparison.Ordinal))?[3..];
string[] benchmarks = ["decide", "gate", "preview", "ingest", "sessions-page", "inbox", "fleet", "deadlines", "control", "readback", "notice", "audit", "growth", "memory"];
var wanted = args.Intersect(benchmarks).DefaultIfEmpty("all").ToList();
if (Wants("decide"))
{
    DecideBenchmark.Run();
}

foreach (var provider in providers.Count > 0 ? providers : [.. Enum.GetValues<DatabaseProvider>()])
{
    if (Wants("gate"))
    {
        await GateBenchmark.RunAsync(provider, connections: 128, requests: 20_000);
        await GateBenchmark.RunAsync(provider, connections: 1, requests: 4_000);
    }

    if (Wants("preview"))
    {
        await PreviewBenchmark.RunAsync(provider, actions: steps ?? 100_000);
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

    if (wanted.Contains("inbox"))
    {
        await InboxBenchmark.RunAsync(provider, steps ?? 5_000, circuits: 50);
    }

    if (wanted.Contains("fleet"))
    {
        await FleetBenchmark.RunAsync(provider, steps ?? 5_000, circuits: 5);
    }

    if (Wants("deadlines"))
    {
        await DeadlineBenchmark.RunAsync(provider, handoffs: 2_000);
    }

    if (Wants("control"))
    {
        await ControlBenchmark.RunAsync(provider, agents: 1_000);
    }

    if (Wants("readback"))
    {
        await ReadBackBenchmark.RunAsync(provider, agents: 1_000, rounds: 4);
    }

    if (Wants("notice"))
    {
        await NoticeBenchmark.RunAsync(provider);
    }

    if (Wants("audit"))
    {
        await AuditBenchmark.RunAsync(provider, records: steps ?? 1_000_000);
    }

    if (wanted.Contains("growth"))
    {
        await GrowthBenchmark.RunAsync(provider, steps ?? (provider == DatabaseProvider.Postgres ? 10_000_000 : 2_000_000), folder);
    }

    if (wanted.Contains("memory"))
    {
        await MemoryBenchmark.RunAsync(provider, steps ?? 5_000_000);
    }
}

bool Wants(string benchmark) => wanted.Contains(benchmark) || wanted.Contains("all");
