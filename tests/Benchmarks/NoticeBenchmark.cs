using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>
/// One agent goes round in circles among 500 sessions at work: how long and how much money from its first repeated step to the stop in its
/// hands, and how much of that after the breaker's condition held.
/// </summary>
internal static class NoticeBenchmark
{
    private const int Healthy = 500;
    private const int SessionsInRequest = 25;

    /// <summary>Six identical calls are one more than a new fleet's breaker lets pass.</summary>
    private const int Calls = 6;

    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(DatabaseProvider provider)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = provider == DatabaseProvider.Postgres ? database.ConnectionString : null,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        await SpendingFreely.AllowAsync(console);
        using var agent = console.AsAgent();
        using var over = new CancellationTokenSource();
        var work = WorkAsync(agent, over.Token);
        await SendAsync(agent, OtlpJson.ModelCalls("loop", "circle", inputTokens: 20_000));

        var stopped = agent.GetFromJsonAsync<JsonNode>("/api/v1/sessions/loop/control?after=0&wait=60");
        var (clock, holds, cost) = (new Stopwatch(), TimeSpan.Zero, 0m);
        for (var call = 1; call <= Calls; call++)
        {
            await SendAsync(agent, OtlpJson.ToolCallAndAnswer("loop", "circle", "search_web", """{"q":"opening hours"}""", "none"));
            if (call == 2)
            {
                cost = await CostAsync(agent);
                clock.Start();
            }

            holds = clock.Elapsed;
            await Task.Delay(call < Calls ? BetweenCalls : TimeSpan.Zero);
        }

        var order = await stopped;
        var took = clock.Elapsed;
        await over.CancelAsync();
        await work;
        Console.WriteLine(FormattableString.Invariant(
            $"notice    {provider,-9} {Healthy,4} sessions at work: {(string?)order!["state"]} after {took.TotalSeconds,6:0.000} s and {await CostAsync(agent) - cost:0.0000} USD from the first repeated step, {(took - holds).TotalMilliseconds,5:0} ms after the breaker's condition held"));
    }

    private static async Task WorkAsync(HttpClient agent, CancellationToken over)
    {
        for (var part = 0; !over.IsCancellationRequested; part = (part + 1) % (Healthy / SessionsInRequest))
        {
            await SendAsync(agent, OtlpJson.ModelCallsOf(Enumerable.Range(part * SessionsInRequest, SessionsInRequest).Select(i => $"healthy-{i}"), "worker"));
            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }
    }

    private static async Task SendAsync(HttpClient agent, object request)
    {
        using var answer = await agent.PostAsJsonAsync("/v1/traces", request);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<decimal> CostAsync(HttpClient agent) => (decimal)(await agent.GetFromJsonAsync<JsonNode>("/api/v1/sessions/loop"))!["cost_usd"]!;
}
