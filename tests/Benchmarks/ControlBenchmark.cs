using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.SignalR.Client;

namespace Handrail.Benchmarks;

/// <summary>
/// How long a person's order takes from the call to the hands of the agents, with many connected by hub: stops of single sessions, a pause of the fleet and a stop of the
/// fleet, which reaches all of them at once. The agents run on the same machine and take their share of it.
/// </summary>
internal static class ControlBenchmark
{
    private const int AtOnce = 32;
    private const int Singles = 200;

    public static async Task RunAsync(DatabaseProvider provider, int agents)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = provider == DatabaseProvider.Postgres ? database.ConnectionString : null,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        using var admin = console.AsAdministrator();
        using var agent = console.AsAgent();
        var heard = new ConcurrentDictionary<(int Agent, string State), long>();
        var hubs = new List<HubConnection>(agents);
        foreach (var some in Enumerable.Range(0, agents).Chunk(AtOnce))
        {
            hubs.AddRange(await Task.WhenAll(some.Select(number => ConnectAsync(console, agent, number, heard))));
        }

        await Eventually.HoldsAsync("every agent knows how things stand", () => heard.Count(h => h.Key.State == "running") == agents);
        var delays = new List<double>(Singles);
        for (var number = 0; number < Singles; number++)
        {
            var start = Stopwatch.GetTimestamp();
            (await admin.PostAsJsonAsync($"/api/v1/sessions/s-{number}/stop", new { reason = "benchmark" })).EnsureSuccessStatusCode();
            await Eventually.HoldsAsync("the agent has heard of its stop", () => heard.ContainsKey((number, "stopped")));
            delays.Add(Stopwatch.GetElapsedTime(start, heard[(number, "stopped")]).TotalMilliseconds);
        }

        Print(provider, $"stop of one session among {agents}", delays);
        await OrderAllAsync("pause", "paused");
        await OrderAllAsync("stop", "stopped_fleet");
        await Task.WhenAll(hubs.Select(h => h.DisposeAsync().AsTask()));

        async Task OrderAllAsync(string order, string state)
        {
            var start = Stopwatch.GetTimestamp();
            (await admin.PostAsJsonAsync($"/api/v1/fleet/{order}", new { reason = "benchmark" })).EnsureSuccessStatusCode();
            var answered = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            await Eventually.HoldsAsync($"every agent has heard: {order}", () => heard.Count(h => h.Key.State == state) == agents);
            Print(provider, FormattableString.Invariant($"{order} of the fleet, answered after {answered:0} ms, to {agents}"), [.. heard.Where(h => h.Key.State == state).Select(h => Stopwatch.GetElapsedTime(start, h.Value).TotalMilliseconds)]);
        }
    }

    private static async Task<HubConnection> ConnectAsync(ConsoleProcess console, HttpClient agent, int number, ConcurrentDictionary<(int Agent, string State), long> heard)
    {
        (await agent.PutAsJsonAsync($"/api/v1/sessions/s-{number}", new { agent = $"agent-{number}" })).EnsureSuccessStatusCode();
        var hub = new HubConnectionBuilder().WithUrl(new Uri(console.Address, "hubs/agents"), o => o.Headers["x-api-key"] = ConsoleProcess.AgentKey).Build();
        hub.On<JsonElement>("Control", news =>
        {
            var state = news.GetProperty("state").GetString()!;
            heard.TryAdd((number, state == "stopped" && news.GetProperty("session_id").ValueKind == JsonValueKind.Null ? "stopped_fleet" : state), Stopwatch.GetTimestamp());
        });
        await hub.StartAsync();
        await hub.InvokeAsync("Subscribe", $"agent-{number}", Array.Empty<string>());
        return hub;
    }

    private static void Print(DatabaseProvider provider, string what, List<double> delays)
    {
        delays.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"control   {provider,-9} {what}: in the agent's hands p50 {delays[delays.Count / 2],5:0} ms  p99 {delays[(int)(delays.Count * 0.99)],5:0} ms  last {delays[^1],5:0} ms"));
    }
}
