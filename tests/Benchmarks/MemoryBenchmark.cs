using System.Globalization;
using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>
/// What the console holds of the machine's memory while millions of spans come in: the working set sampled all the time, and what its managed heap
/// holds once all garbage is collected. Some senders come once and never again, with agents, models, tools, attributes and metrics of their own:
/// whatever is remembered by name must be bounded.
/// </summary>
internal static class MemoryBenchmark
{
    private const int Connections = 4;
    private const int Step = 1_000_000;
    private const int StrangerEvery = 25;
    private const int MostStrangers = 4_000;

    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(DatabaseProvider provider, int spans)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        var heap = Directory.CreateTempSubdirectory("handrail-heap-");
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = database.ConnectionString,
            Settings = new Dictionary<string, string>
            {
                ["Logging:LogLevel:Default"] = "Warning", ["HANDRAIL_HEAP"] = heap.FullName, ["DOTNET_STARTUP_HOOKS"] = typeof(MemoryBenchmark).Assembly.Location,
            },
        });
        await SpendingFreely.AllowAsync(console);
        using var agent = console.AsAgent();
        var made = new SpanRequests();
        var rows = new List<(double Mean, double Peak, double Heap)>();
        for (var done = 0; done < spans; done += Step)
        {
            var first = done / SpanRequests.Spans;
            using var over = new CancellationTokenSource();
            var sampling = SampleAsync(console, over.Token);
            var figures = await Drive.FlatOutAsync(Step / SpanRequests.Spans, Connections, n => SendAsync(agent, made, first + n));
            await over.CancelAsync();
            var samples = await sampling;
            rows.Add((samples.Average(), samples.Max(), await HeapAsync(heap.FullName)));
            Print($"memory    {provider,-9} {(done + Step) / Step,2} million spans: working set mean {rows[^1].Mean,6:0} MiB, peak {rows[^1].Peak,6:0} MiB, managed heap {rows[^1].Heap,6:0.0} MiB  at {figures.PerSecond * SpanRequests.Spans,7:0} spans/s");
        }

        // The first million is the warm-up.
        var (early, late) = (rows[Math.Min(1, rows.Count - 1)], rows[^1]);
        Print($"memory    {provider,-9} last to second: working set mean {late.Mean / early.Mean:0.00}, peak {late.Peak / early.Peak:0.00}, managed heap {late.Heap / early.Heap:0.00}");
        heap.Delete(recursive: true);
    }

    private static async Task SendAsync(HttpClient agent, SpanRequests made, int number)
    {
        await SpanRequests.SendAsync(agent, made.Request(number));
        if (number % StrangerEvery == 0)
        {
            await StrangerAsync(agent, number / StrangerEvery % MostStrangers);
        }
    }

    /// <summary>A sender of whom nothing is known yet.</summary>
    private static async Task StrangerAsync(HttpClient agent, int number)
    {
        var at = $"{(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks}00";
        object Attribute(string key, string value) => new { key, value = new { stringValue = value } };
        var resource = new { attributes = new[] { Attribute("service.name", $"stranger-{number}"), Attribute("service.instance.id", $"i-{number}"), Attribute("telemetry.sdk.name", $"sdk-{number}") } };
        var span = new
        {
            traceId = (0x57_0000_0000L + number).ToString("x32", CultureInfo.InvariantCulture), spanId = (0x57_0000_0000L + number).ToString("x16", CultureInfo.InvariantCulture),
            name = $"chat model-{number}", startTimeUnixNano = at, endTimeUnixNano = at,
            attributes = new[]
            {
                Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.agent.name", $"agent-{number}"), Attribute("gen_ai.request.model", $"model-{number}"),
                Attribute("gen_ai.provider.name", $"provider-{number}"), Attribute($"attribute.{number}", "value"),
            },
        };
        using (var traces = await agent.PostAsJsonAsync("/v1/traces", new { resourceSpans = new[] { new { resource, scopeSpans = new[] { new { spans = new[] { span } } } } } }))
        {
            traces.EnsureSuccessStatusCode();
        }

        var metric = new { name = $"metric.{number}", gauge = new { dataPoints = new[] { new { timeUnixNano = at, asInt = number } } } };
        using var metrics = await agent.PostAsJsonAsync("/v1/metrics", new { resourceMetrics = new[] { new { resource, scopeMetrics = new[] { new { metrics = new[] { metric } } } } } });
        metrics.EnsureSuccessStatusCode();
    }

    /// <summary>Working sets in MiB, until it is over.</summary>
    private static async Task<List<double>> SampleAsync(ConsoleProcess console, CancellationToken over)
    {
        var samples = new List<double>();
        while (!over.IsCancellationRequested)
        {
            samples.Add(console.Memory / 1048576.0);
            await Task.Delay(SampleEvery, CancellationToken.None);
        }

        return samples;
    }

    /// <summary>What is left on the managed heap, in MiB (see <see cref="StartupHook"/>).</summary>
    internal static async Task<double> HeapAsync(string folder)
    {
        var (asked, answer) = (Path.Combine(folder, "asked"), Path.Combine(folder, "answer"));
        File.Delete(answer);
        await File.WriteAllTextAsync(asked, "");
        await Eventually.HoldsAsync("the console says what its heap holds", () => Task.FromResult(File.Exists(answer)));
        return long.Parse(await File.ReadAllTextAsync(answer), CultureInfo.InvariantCulture) / 1048576.0;
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
