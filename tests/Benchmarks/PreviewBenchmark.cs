using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Actions;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Handrail.Benchmarks;

/// <summary>A draft over recorded actions of a month, over HTTP: how long it takes, and what the console holds of memory then.</summary>
internal static class PreviewBenchmark
{
    private const int Runs = 3;
    private const int AtOnce = 10_000;

    private static readonly object Now = new { autonomy = "bounded", limits = Limits(50), rules = Rules() };
    private static readonly object Draft = new { autonomy = "bounded", limits = Limits(80), rules = Rules() };

    public static async Task RunAsync(DatabaseProvider provider, int actions)
    {
        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = database.ConnectionString,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        using var admin = console.AsAdministrator();
        using var policy = new HttpRequestMessage(HttpMethod.Put, "/api/v1/fleet/policy") { Content = JsonContent.Create(Now) };
        policy.Headers.TryAddWithoutValidation("If-Match", "*");
        (await admin.SendAsync(policy)).EnsureSuccessStatusCode();
        var until = TimeProvider.System.GetUtcNow();
        await FillAsync(new StoreSettings(provider, database.ConnectionString ?? $"Data Source={Path.Combine(console.DataFolder, "handrail.db")};Default Timeout=30"), actions, until);

        var before = console.Memory;
        for (var run = 1; run <= Runs; run++)
        {
            var watch = Stopwatch.StartNew();
            using var answer = await admin.PostAsJsonAsync("/api/v1/fleet/policy/preview", new { policy = Draft, since = until.AddDays(-31) });
            answer.EnsureSuccessStatusCode();
            var preview = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"preview   {provider,-9} {preview.GetProperty("actions").GetInt64(),9:#,##0} actions in {watch.Elapsed.TotalSeconds:0.00} s, {preview.GetProperty("changed").GetInt64():#,##0} changed; memory {console.Memory / 1048576.0:0} MB, {before / 1048576.0:0} MB before"));
        }
    }

    /// <summary>Writes actions as the gate records them, a fifth of them decided by people.</summary>
    private static async Task FillAsync(StoreSettings settings, int count, DateTimeOffset until)
    {
        var options = new DbContextOptionsBuilder<HandrailDb>();
        StoreSetup.Configure(options, settings);
        await using var db = new HandrailDb(options.Options);
        for (var start = 0; start < count; start += AtOnce)
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var rows = Enumerable.Range(start, Math.Min(AtOnce, count - start)).Select(i => Action(i, until.AddDays(-30) + (TimeSpan.FromDays(30) * ((double)i / count)))).ToList();
            await new Bulk(db, settings.Provider).AppendAsync("actions", GateColumns.Action, rows, CancellationToken.None);
            await transaction.CommitAsync();
        }

        await db.Database.ExecuteSqlRawAsync("UPDATE actions SET status = 'approved', people = 'approved' WHERE verdict = 'review'");
        await db.Database.ExecuteSqlRawAsync(settings.Provider == DatabaseProvider.Postgres ? "VACUUM ANALYZE actions" : "ANALYZE");
        if (settings.Provider == DatabaseProvider.Postgres)
        {
            NpgsqlConnection.ClearAllPools();
        }
    }

    private static GatedAction Action(int i, DateTimeOffset at)
    {
        var amount = 10 + (i % 60);
        var verdict = amount > 50 ? Verdict.Review : Verdict.Allow;
        return new GatedAction
        {
            SessionId = $"s-{i / 10}",
            ActionId = $"a-{i}",
            Digest = new string('0', 64),
            Team = "default",
            Agent = $"agent-{i % 20}",
            AgentVersion = "1.4",
            User = $"u-{i % 100}",
            Type = "expense.approve",
            Tool = "approve_expense",
            Summary = $"Approve {amount} USD, lunch, Blue Door Cafe",
            Amount = amount,
            Currency = "USD",
            Vendor = $"Vendor {i % 50}",
            Category = "meals",
            Confidence = 0.93,
            Reasoning = "Under the meal limit; the receipt matches the amount and was handed in within the month that policy asks for.",
            CitationsJson = """[{"title":"Expense policy 4.2","url":"https://example.com/policy#4.2","quote":"Meals up to 50 USD"}]""",
            ArgumentsJson = $$"""{"expense_id":"e-{{i}}","approved_amount":{{amount}},"lines":3}""",
            ChecksJson = """[{"name":"receipt_total_matches","passed":true,"detail":"as it says"}]""",
            Risk = "external",
            StatedRisk = "external",
            Verdict = verdict,
            Status = verdict == Verdict.Allow ? ActionStatus.Allowed : ActionStatus.Pending,
            ReasonsJson = """[{"rule":"limit:expense.approve","text":"48.20 USD is within the 50.00 USD that may go without a person"}]""",
            PolicyVersion = "2.0",
            FactsJson = JsonText.Of(new RecordedFacts
            {
                At = at, Control = [], AgentScopes = [], ToolsUsed = ["read_email", "query_ledger"], Budgets = [],
                CostUsd = 0.4m, Turns = 3, Steps = 9, ToolCalls = 4, ContextTokens = 4_000, AgeSeconds = 30,
            }),
            RequestedAt = at,
        };
    }

    private static object[] Limits(int most) =>
    [
        new { type = "expense.approve", max_amount = most, currency = "USD", min_confidence = 0.5 },
        .. Enumerable.Range(0, 20).Select(i => new { type = "expense.approve", vendor = $"Vendor {i * 2}", max_amount = most, currency = "USD" }),
    ];

    private static object[] Rules() =>
    [
        .. Enumerable.Range(0, 20).Select(i => new { id = $"r{i}", applies_to = new[] { "expense.*" }, when = new { field = "vendor", op = "in", value = new[] { $"Bad Vendor {i}", $"Worse Vendor {i}" } }, then = "deny" }),
    ];
}
