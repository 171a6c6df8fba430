using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>How late a handoff's deadline is met when many fall due, some each second and then all of the rest in one: from the moment promised to the decision on record.</summary>
internal static class DeadlineBenchmark
{
    private const int Seconds = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(DatabaseProvider provider, int handoffs)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = database.ConnectionString,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        using var policy = new HttpRequestMessage(HttpMethod.Put, "api/v1/fleet/policy") { Content = JsonContent.Create(new { autonomy = "suggest", review = new { timeout_seconds = Seconds } }) };
        policy.Headers.TryAddWithoutValidation("If-Match", "*");
        using (var published = await admin.SendAsync(policy))
        {
            published.EnsureSuccessStatusCode();
        }

        // Half of them evenly, the other half as fast as they are taken.
        var half = handoffs / 2;
        using (var pace = new PeriodicTimer(TimeSpan.FromSeconds((double)Seconds / half)))
        {
            for (var i = 0; i < half; i++)
            {
                await pace.WaitForNextTickAsync();
                await AskAsync(agent, i);
            }
        }

        await Parallel.ForEachAsync(Enumerable.Range(half, handoffs - half), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) => await AskAsync(agent, i));
        var waited = System.Diagnostics.Stopwatch.StartNew();
        List<double> late;
        while ((late = await LateAsync(admin)).Count < handoffs && waited.Elapsed < Patience)
        {
            await Task.Delay(500);
        }

        late.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"deadlines {provider,-9} {handoffs} handoffs: {late.Count} expired, late p50 {At(late, 0.5):0} ms  p99 {At(late, 0.99):0} ms  most {At(late, 1):0} ms"));
    }

    private static async Task AskAsync(HttpClient agent, int number)
    {
        using var answer = await agent.PostAsJsonAsync(
            $"api/v1/sessions/due-{number}/actions", new { action_id = "a-1", agent = "desk", type = "expense.approve", amount = 10, currency = "USD" });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Of every handoff that expired, by how many milliseconds its decision is later than its deadline.</summary>
    private static async Task<List<double>> LateAsync(HttpClient admin)
    {
        var late = new List<double>();
        for (string? cursor = null; ;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>($"api/v1/handoffs?status=expired&limit=200{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            late.AddRange(page.GetProperty("items").EnumerateArray().Select(h => (h.GetProperty("decided_at").GetDateTimeOffset() - h.GetProperty("expires_at").GetDateTimeOffset()).TotalMilliseconds));
            cursor = page.GetProperty("next_cursor").GetString();
            if (cursor is null)
            {
                return late;
            }
        }
    }

    private static double At(List<double> sorted, double share) => sorted.Count == 0 ? double.NaN : sorted[(int)((sorted.Count - 1) * share)];
}
