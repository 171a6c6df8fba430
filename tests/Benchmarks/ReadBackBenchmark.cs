using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.SignalR.Client;

namespace Handrail.Benchmarks;

/// <summary>
/// How long a published policy takes to reach every one of many agents, half of them by hub and half by long-poll, each with a connection of its
/// own; and what an idle connection costs the console in memory. The agents run on the same machine and take their share of it.
/// </summary>
internal static class ReadBackBenchmark
{
    /// <summary>Connections opened at once: more only queue up before the console's accept.</summary>
    private const int AtOnce = 32;

    public static async Task RunAsync(DatabaseProvider provider, int agents, int rounds)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        var heap = Directory.CreateTempSubdirectory("handrail-heap-");
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = provider == DatabaseProvider.Postgres ? database.ConnectionString : null,
            Settings = new Dictionary<string, string>
            {
                ["Logging:LogLevel:Default"] = "Warning", ["HANDRAIL_HEAP"] = heap.FullName, ["DOTNET_STARTUP_HOOKS"] = typeof(ReadBackBenchmark).Assembly.Location,
            },
        });
        using var admin = console.AsAdministrator();
        using var agent = console.AsAgent();
        for (var number = 0; number < 2 * agents; number++)
        {
            (await agent.PutAsJsonAsync($"/api/v1/sessions/s-{number}", new { agent = Name(number) })).EnsureSuccessStatusCode();
        }

        // So that what is made once, such as compiled code, is no connection's.
        var warm = await ConnectAsync(console, AtOnce, new Reached());
        await Task.WhenAll(warm.Select(h => h.DisposeAsync().AsTask()));
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(number => agent.GetAsync(new Uri($"api/v1/agents/{Name(number)}/policy?wait=1", UriKind.Relative))));
        var before = await SettledAsync(console, heap.FullName);
        var reached = new Reached();
        var hubs = await ConnectAsync(console, agents, reached);
        var withHubs = await SettledAsync(console, heap.FullName);
        using var over = new CancellationTokenSource();
        using var polling = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = console.Address, Timeout = TimeSpan.FromMinutes(2) };
        polling.DefaultRequestHeaders.Add("x-api-key", ConsoleProcess.AgentKey);
        var polls = new List<Task>(agents);
        for (var number = agents; number < 2 * agents; number++)
        {
            polls.Add(PollAsync(polling, Name(number), reached, over.Token));
        }

        await Eventually.HoldsAsync("every poll is held", () => reached.Of("1.0") == 2 * agents);
        var withPolls = await SettledAsync(console, heap.FullName);
        Console.WriteLine(FormattableString.Invariant(
            $"readback  {provider,-9} an idle hub connection: {Each(before.Heap, withHubs.Heap):0.0} KB of managed heap, {Each(before.WorkingSet, withHubs.WorkingSet):0.0} KB of working set; a held poll: {Each(withHubs.Heap, withPolls.Heap):0.0} KB, {Each(withHubs.WorkingSet, withPolls.WorkingSet):0.0} KB; {withPolls.WorkingSet / 1024:0} MB of working set in all"));
        double Each(double less, double more) => (more - less) / agents;
        var idle = console.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(10));
        Console.WriteLine(FormattableString.Invariant($"readback  {provider,-9} idle: {(console.ProcessorTime - idle).TotalMilliseconds / 100:0.0} % of one processor"));

        for (var version = 2; version < 2 + rounds; version++)
        {
            await RoundAsync(provider, console, admin, version, reached, agents);
        }

        await over.CancelAsync();
        await Task.WhenAll(polls);
        await Task.WhenAll(hubs.Select(h => h.DisposeAsync().AsTask()));
        heap.Delete(recursive: true);
    }

    private static async Task RoundAsync(DatabaseProvider provider, ConsoleProcess console, HttpClient admin, int version, Reached reached, int agents)
    {
        using var publish = new HttpRequestMessage(HttpMethod.Put, "/api/v1/fleet/policy") { Content = JsonContent.Create(new { autonomy = version % 2 == 0 ? "suggest" : "autonomous" }) };
        publish.Headers.TryAddWithoutValidation("If-Match", "*");
        var text = FormattableString.Invariant($"{version}.0");
        var (used, asked) = (console.ProcessorTime, Environment.CpuUsage.TotalTime);
        var start = Stopwatch.GetTimestamp();
        (await admin.SendAsync(publish)).EnsureSuccessStatusCode();
        await Eventually.HoldsAsync($"version {text} is everywhere", () => reached.Of(text) == 2 * agents);
        var (spent, own) = (console.ProcessorTime - used, Environment.CpuUsage.TotalTime - asked);
        foreach (var (way, hub) in new[] { ("hub", true), ("long-poll", false) })
        {
            var delays = reached.Times(text, hub).Select(t => Stopwatch.GetElapsedTime(start, t).TotalMilliseconds).Order().ToArray();
            Console.WriteLine(FormattableString.Invariant(
                $"readback  {provider,-9} publish to {delays.Length} by {way,-9}: p50 {delays[delays.Length / 2],5:0} ms  p99 {delays[(int)(delays.Length * 0.99)],5:0} ms  last {delays[^1],5:0} ms"));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"readback  {provider,-9} until then the console used {spent.TotalMilliseconds:0} ms of the processors, the agents {own.TotalMilliseconds:0} ms"));

        // The agents say what they hold and ask again; the next round begins with all of them waiting.
        await Task.Delay(TimeSpan.FromSeconds(5));
    }

    private static async Task<List<HubConnection>> ConnectAsync(ConsoleProcess console, int agents, Reached reached)
    {
        var hubs = new List<HubConnection>(agents);
        foreach (var some in Enumerable.Range(0, agents).Chunk(AtOnce))
        {
            hubs.AddRange(await Task.WhenAll(some.Select(async number =>
            {
                var hub = new HubConnectionBuilder().WithUrl(new Uri(console.Address, "hubs/agents"), o => o.Headers["x-api-key"] = ConsoleProcess.AgentKey).Build();
                hub.On<JsonElement>("PolicyChanged", async policy =>
                {
                    var version = policy.GetProperty("version").GetString()!;
                    reached.Now(version, hub: true);
                    await hub.InvokeAsync("HoldPolicy", Name(number), version);
                });
                await hub.StartAsync();
                await hub.InvokeAsync("Subscribe", Name(number), Array.Empty<string>());
                return hub;
            })));
        }

        return hubs;
    }

    private static async Task PollAsync(HttpClient client, string name, Reached reached, CancellationToken over)
    {
        string? held = null;
        while (!over.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/agents/{name}/policy?wait=60");
            if (held is not null)
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", held);
            }

            try
            {
                using var answer = await client.SendAsync(request, over);
                var tag = answer.EnsureSuccessStatusCodeOrHeld().Headers.ETag!.Tag;
                if (tag != held)
                {
                    held = tag;
                    await answer.Content.LoadIntoBufferAsync(over);
                    reached.Now(tag.Trim('"'), hub: false);
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static HttpResponseMessage EnsureSuccessStatusCodeOrHeld(this HttpResponseMessage answer) =>
        answer.StatusCode == System.Net.HttpStatusCode.NotModified ? answer : answer.EnsureSuccessStatusCode();

    /// <summary>What the console holds once all garbage is collected, in KB.</summary>
    private static async Task<(double Heap, double WorkingSet)> SettledAsync(ConsoleProcess console, string folder)
    {
        await Task.Delay(TimeSpan.FromSeconds(2));
        var heap = await MemoryBenchmark.HeapAsync(folder) * 1024;
        await Task.Delay(TimeSpan.FromSeconds(1));
        return (heap, console.Memory / 1024.0);
    }

    private static string Name(int number) => FormattableString.Invariant($"agent-{number}");

    /// <summary>When each version reached whom.</summary>
    private sealed class Reached
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, List<(bool Hub, long At)>> _times = new(StringComparer.Ordinal);

        public void Now(string version, bool hub)
        {
            var now = Stopwatch.GetTimestamp();
            lock (_lock)
            {
                if (!_times.TryGetValue(version, out var times))
                {
                    _times[version] = times = [];
                }

                times.Add((hub, now));
            }
        }

        public int Of(string version)
        {
            lock (_lock)
            {
                return _times.GetValueOrDefault(version)?.Count ?? 0;
            }
        }

        public List<long> Times(string version, bool hub)
        {
            lock (_lock)
            {
                return [.. _times[version].Where(t => t.Hub == hub).Select(t => t.At)];
            }
        }
    }
}
