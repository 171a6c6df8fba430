using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>
/// Spans a second that are acknowledged, and so committed, beside the pace at which the same database takes the same rows with nothing else
/// done; the delay of an acknowledgement at half that rate; what a gate decision waits while telemetry comes in at full rate.
/// </summary>
internal static class IngestBenchmark
{
    private const int Connections = 8;
    private const int StepsInTransaction = 2_048;

    /// <summary>Requests until the runtime has compiled the path for good: until then its compiler takes a quarter of the processors.</summary>
    private const int Warmup = 1_200;

    public static async Task RunAsync(DatabaseProvider provider, int requests)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = database.ConnectionString,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        await SpendingFreely.AllowAsync(console);
        using var agent = console.AsAgent();
        var made = new SpanRequests();
        var sent = 0;

        Task SendAsync(int number) => SpanRequests.SendAsync(agent, made.Request(Interlocked.Increment(ref sent)));

        async Task AskAsync(int number)
        {
            using var answer = await agent.PostAsJsonAsync(
                $"/api/v1/sessions/gate-{number % 16}/actions",
                new { action_id = $"a-{number}", agent = "bench", type = "note.write", amount = 5, currency = "USD" });
            answer.EnsureSuccessStatusCode();
        }

        await Drive.FlatOutAsync(Warmup, Connections, SendAsync);
        await Drive.FlatOutAsync(Warmup, 1, n => AskAsync(-n - 1));
        var before = console.ProcessorTime;
        var full = await Drive.FlatOutAsync(requests, Connections, SendAsync);
        var cpu = (console.ProcessorTime - before) / ((double)requests * SpanRequests.Spans);
        var half = await Drive.PacedAsync(requests / 2, full.PerSecond / 2, SendAsync);
        using var over = new CancellationTokenSource();
        var flood = FloodAsync(SendAsync, over.Token);
        var gate = await Drive.FlatOutAsync(400, 1, AskAsync);
        await over.CancelAsync();
        await flood;
        var connection = database.ConnectionString ?? $"Data Source={Path.Combine(console.DataFolder, "handrail.db")}";
        var raw = await RawInserts.RateAsync(provider, connection, RawInserts.Everything, StepsInTransaction);
        var steps = await RawInserts.RateAsync(provider, connection, RawInserts.StepsAlone, StepsInTransaction);

        var spans = full.PerSecond * SpanRequests.Spans;
        Print($"ingest    {provider,-9} {Connections,4} connections: {spans,8:0} spans/s      p50 {full.P50.TotalMilliseconds,6:0.0} ms  p99 {full.P99.TotalMilliseconds,6:0.0} ms  {cpu.TotalMicroseconds,6:0.0} µs of the console's processors per span");
        Print($"half rate {provider,-9} {Connections,4} connections: {half.PerSecond * SpanRequests.Spans,8:0} spans/s      p50 {half.P50.TotalMilliseconds,6:0.0} ms  p99 {half.P99.TotalMilliseconds,6:0.0} ms");
        Print($"raw       {provider,-9}    1 connection:  {raw,8:0} spans/s      ratio {spans / raw:0.000}, of all rows that a span leaves");
        Print($"raw       {provider,-9}    1 connection:  {steps,8:0} spans/s      ratio {spans / steps:0.000}, of steps and what they said alone");
        Print($"gate      {provider,-9} during full rate:  {gate.PerSecond,8:0} decisions/s  p50 {gate.P50.TotalMilliseconds,6:0.0} ms  p99 {gate.P99.TotalMilliseconds,6:0.0} ms");
        Print($"memory    {provider,-9} {console.Memory / 1048576.0,8:0} MiB after {sent * (long)SpanRequests.Spans} spans");
    }

    private static Task FloodAsync(Func<int, Task> send, CancellationToken over) => Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
    {
        while (!over.IsCancellationRequested)
        {
            await send(0);
        }
    }));

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
