using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Playwright;

namespace Handrail.Benchmarks;

/// <summary>
/// The Inbox over thousands of open handoffs with many people looking at it at once in a real browser: what each of them costs the console's memory, how soon
/// somebody's claim is on everybody's screen, how soon a key is answered, and what it costs the processors while handoffs come, are claimed and are decided.
/// </summary>
internal static class InboxBenchmark
{
    private const int Askers = 16;
    private const int ChangesPerSecond = 10;
    private const int Keys = 30;
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(DatabaseProvider provider, int open, int circuits)
    {
        if (Chromium.Missing is { } missing)
        {
            Console.WriteLine($"inbox     {missing}");
            return;
        }

        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        var heap = Directory.CreateTempSubdirectory("handrail-heap-");
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = database.ConnectionString,
            Settings = new Dictionary<string, string>
            {
                ["Logging:LogLevel:Default"] = "Warning", ["HANDRAIL_HEAP"] = heap.FullName, ["DOTNET_STARTUP_HOOKS"] = typeof(InboxBenchmark).Assembly.Location,
            },
        });
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        await Parallel.ForEachAsync(Enumerable.Range(0, open), new ParallelOptions { MaxDegreeOfParallelism = Askers }, async (i, _) => await AskAsync(agent, i));

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        await using var context = await browser.NewContextAsync(new() { BaseURL = console.Address.ToString(), ViewportSize = new() { Width = 1440, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.SignInAsync();
        var opening = Stopwatch.StartNew();
        await OpenAsync(page, open);
        var first = opening.Elapsed;

        // What only the first one loads is not the others' cost.
        var second = await context.NewPageAsync();
        await OpenAsync(second, open);
        var (heapBefore, setBefore) = (await MemoryBenchmark.HeapAsync(heap.FullName), console.Memory);
        for (var circuit = 2; circuit < circuits; circuit++)
        {
            await OpenAsync(await context.NewPageAsync(), open);
        }

        var (heapAfter, setAfter) = (await MemoryBenchmark.HeapAsync(heap.FullName), console.Memory);
        var each = circuits - 2;
        var what = string.Create(CultureInfo.InvariantCulture, $"inbox     {provider,-9} {open,6} open, {circuits} circuits:");
        Print($"{what} {(heapAfter - heapBefore) / each:0.00} MiB of managed heap a circuit, {(setAfter - setBefore) / 1048576.0 / each:0.00} MiB of working set; opened in {first.TotalMilliseconds:0} ms");

        await page.BringToFrontAsync();
        using var over = new CancellationTokenSource();
        var (clock, before) = (Stopwatch.StartNew(), console.ProcessorTime);
        var changing = ChangeAsync(agent, admin, open, over.Token);
        var arrivals = await WatchAsync(page, admin);
        var keys = await PressAsync(page);
        var used = (console.ProcessorTime - before) / clock.Elapsed;
        await over.CancelAsync();
        await changing;
        Print($"{what} claim to screen p50 {arrivals.At(0.5):0} ms  p95 {arrivals.At(0.95):0} ms  of {arrivals.Count}; key to next card p50 {keys.At(0.5):0} ms  p95 {keys.At(0.95):0} ms  of {keys.Count}");
        Print($"{what} {used:0.00} of the console's processors at {ChangesPerSecond} changes a second");
        heap.Delete(recursive: true);
    }

    private static async Task AskAsync(HttpClient agent, int number)
    {
        using var answer = await agent.PostAsJsonAsync($"/api/v1/sessions/inbox-{number}/actions", new
        {
            action_id = "a-1", agent = $"agent-{number % 12}", type = number % 3 == 0 ? "expense.approve" : "invoice.pay", amount = 10 + (number % 900), currency = "USD",
            vendor = $"Vendor {number % 300}", category = "meals", summary = $"Approve what was spent on the {number}th of all occasions, with receipt", reasoning = "The receipt matches what was ordered.",
            arguments = new { expense_id = $"e-{number}", approved_amount = 10 + (number % 900) },
        });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Handoffs come, are claimed and are decided.</summary>
    private static async Task ChangeAsync(HttpClient agent, HttpClient admin, int from, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / ChangesPerSecond));
        for (var number = from; !over.IsCancellationRequested; number++)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            await AskAsync(agent, number);
        }
    }

    private static async Task OpenAsync(IPage page, int open)
    {
        await page.GotoAsync("inbox");
        await page.WaitForFunctionAsync("n => parseInt(document.querySelector('.count')?.textContent.replaceAll(',', '')) >= n && document.querySelector('.row')", open);
    }

    /// <summary>Claims what is in sight, one after the other, and lets it go again.</summary>
    private static async Task<List<double>> WatchAsync(IPage page, HttpClient admin)
    {
        var (clock, took) = (Stopwatch.StartNew(), new List<double>());
        while (clock.Elapsed < Watched)
        {
            var id = await page.EvaluateAsync<string>("() => new URL(document.querySelectorAll('.rows .row')[2].href).searchParams.get('handoff')");
            using var claimed = await admin.PostAsync($"/api/v1/handoffs/{id}/claim", null);
            claimed.EnsureSuccessStatusCode();
            var committed = Stopwatch.GetTimestamp();
            await page.WaitForFunctionAsync("id => [...document.querySelectorAll('.rows .row')].some(r => r.href.includes(id) && r.textContent.includes('Claimed by'))", id);
            took.Add(Stopwatch.GetElapsedTime(committed).TotalMilliseconds);
            using var released = await admin.PostAsync($"/api/v1/handoffs/{id}/release", null);
            await Task.Delay(Random.Shared.Next(150));
        }

        return took;
    }

    private static async Task<List<double>> PressAsync(IPage page)
    {
        var took = new List<double>();
        for (var key = 0; key < Keys; key++)
        {
            var before = await page.EvaluateAsync<string>("() => document.querySelector('[data-subject]').dataset.subject");
            var pressed = Stopwatch.GetTimestamp();
            await page.Keyboard.PressAsync("j");
            await page.WaitForFunctionAsync("before => (document.querySelector('[data-subject]')?.dataset.subject ?? before) !== before", before);
            took.Add(Stopwatch.GetElapsedTime(pressed).TotalMilliseconds);
        }

        return took;
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
