using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>
/// Decisions a second and their delay, over HTTP and committed, beside an endpoint of the same host that does nothing: on a
/// machine whose speed drifts, the ratio of the two is what holds.
/// </summary>
internal static class GateBenchmark
{
    /// <summary>Enough for the runtime to have compiled the path for good.</summary>
    private const int Warmup = 100_000;

    public static async Task RunAsync(DatabaseProvider provider, int connections, int requests)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = provider == DatabaseProvider.Postgres ? database.ConnectionString : null,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        using var admin = console.AsAdministrator();
        using var policy = new HttpRequestMessage(HttpMethod.Put, "/api/v1/fleet/policy") { Content = JsonContent.Create(new { autonomy = "autonomous" }) };
        policy.Headers.TryAddWithoutValidation("If-Match", "*");
        (await admin.SendAsync(policy)).EnsureSuccessStatusCode();
        using var agent = console.AsAgent();

        async Task AskAsync(int number)
        {
            using var answer = await agent.PostAsJsonAsync(
                $"/api/v1/sessions/s-{number % connections}/actions",
                new { action_id = $"a-{number}", agent = "bench", type = "note.write", amount = 5, currency = "USD", arguments = new { text = "a note" } });
            answer.EnsureSuccessStatusCode();
        }

        async Task NothingAsync(int number)
        {
            using var answer = await agent.GetAsync("/healthz");
            answer.EnsureSuccessStatusCode();
        }

        async Task<(Figures Figures, TimeSpan Costs)> MeasureAsync(Func<int, Task> call)
        {
            var before = console.ProcessorTime;
            var figures = await Drive.FlatOutAsync(requests, connections, call);
            return (figures, (console.ProcessorTime - before) / requests);
        }

        await Drive.FlatOutAsync(Warmup, 128, n => AskAsync(-n - 1));
        await Drive.FlatOutAsync(Warmup, 128, NothingAsync);
        var (nothing, nothingCosts) = await MeasureAsync(NothingAsync);
        var (gate, gateCosts) = await MeasureAsync(AskAsync);
        Console.WriteLine(FormattableString.Invariant(
            $"gate      {provider,-9} {connections,4} connections: {gate.PerSecond,8:0} decisions/s  p50 {gate.P50.TotalMilliseconds,6:0.0} ms  p99 {gate.P99.TotalMilliseconds,6:0.0} ms  {gateCosts.TotalMicroseconds,4:0} µs of the console's processors each"));
        Console.WriteLine(FormattableString.Invariant(
            $"nothing   {provider,-9} {connections,4} connections: {nothing.PerSecond,8:0} requests/s   p50 {nothing.P50.TotalMilliseconds,6:0.0} ms  p99 {nothing.P99.TotalMilliseconds,6:0.0} ms  {nothingCosts.TotalMicroseconds,4:0} µs  ratio {gate.PerSecond / nothing.PerSecond:0.000}"));
    }
}
