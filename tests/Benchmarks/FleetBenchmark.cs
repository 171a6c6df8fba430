using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Playwright;

namespace Handrail.Benchmarks;

/// <summary>
/// The Fleet page with thousands of running sessions while a thousand spans a second come in by the real door and several people look at it in a real browser: how soon
/// a span that is committed is in the figures on the screen, what that costs the console's processors beside the spans themselves, and what each who looks costs its memory.
/// </summary>
internal static class FleetBenchmark
{
    private const int SpansPerSecond = 1_000;
    private const int SpansInRequest = 50;
    private const int SessionsInRequest = 250;
    private const int Agents = 12;
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(20);

    /// <summary>How often the page's figures changed, when each change was painted, and what kept the browser busy.</summary>
    private const string Counting = """
        () => {
          const seen = window.seen = { changes: 0, repaints: [], tasks: [] };
          const painted = () => ++seen.changes && requestAnimationFrame(() => seen.repaints.push(performance.now()));
          new MutationObserver(painted).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true, attributes: true });
          new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(e => e.duration))).observe({ entryTypes: ['longtask'] });
        }
        """;

    public static async Task RunAsync(DatabaseProvider provider, int sessions, int circuits)
    {
        if (Chromium.Missing is { } missing)
        {
            Console.WriteLine($"fleet     {missing}");
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
                ["Logging:LogLevel:Default"] = "Warning", ["HANDRAIL_HEAP"] = heap.FullName, ["DOTNET_STARTUP_HOOKS"] = typeof(FleetBenchmark).Assembly.Location,
            },
        });
        await SpendingFreely.AllowAsync(console);
        using var agent = console.AsAgent();
        await Parallel.ForEachAsync(Enumerable.Range(0, sessions / SessionsInRequest), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (part, _) =>
            await ReportAsync(agent, Enumerable.Range(part * SessionsInRequest, SessionsInRequest), part % Agents));

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        await using var context = await browser.NewContextAsync(new() { BaseURL = console.Address.ToString(), ViewportSize = new() { Width = 1440, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.SignInAsync();
        await page.GotoAsync("about:blank");

        using var over = new CancellationTokenSource();
        var load = LoadAsync(agent, sessions, over.Token);
        var alone = await ProcessorsAsync(console, () => Task.Delay(Watched));
        var opening = Stopwatch.StartNew();
        await OpenAsync(page);
        var first = opening.Elapsed;

        // What only the first one loads is not the others' cost.
        var others = new List<IPage> { await context.NewPageAsync() };
        await OpenAsync(others[0]);
        var before = await MemoryBenchmark.HeapAsync(heap.FullName);
        for (var circuit = 2; circuit < circuits; circuit++)
        {
            others.Add(await context.NewPageAsync());
            await OpenAsync(others[^1]);
        }

        var each = (await MemoryBenchmark.HeapAsync(heap.FullName) - before) / (circuits - 2);
        await page.BringToFrontAsync();
        foreach (var one in others.Prepend(page))
        {
            await one.EvaluateAsync(Counting);
        }

        var arrivals = new List<double>();
        var looked = await ProcessorsAsync(console, () => WatchAsync(page, agent, arrivals));
        var repaints = await page.EvaluateAsync<double[]>("() => window.seen.repaints");
        var tasks = await page.EvaluateAsync<double[]>("() => window.seen.tasks");
        var least = (await Task.WhenAll(others.Select(o => o.EvaluateAsync<int>("() => window.seen.changes")))).Min();
        await over.CancelAsync();
        var (sent, took) = await load;

        var between = repaints.Zip(repaints.Skip(1), (one, next) => next - one).Where(gap => gap > 1).ToList();
        var what = string.Create(CultureInfo.InvariantCulture, $"fleet     {provider,-9} {sessions,6} running, {circuits} circuits, {sent * SpansInRequest / took.TotalSeconds:0} spans/s:");
        Print($"{what} span to figure p50 {arrivals.At(0.5):0} ms  p95 {arrivals.At(0.95):0} ms  of {arrivals.Count}; the page moves every {between.At(0.5):0} ms (p95 {between.At(0.95):0} ms); opened in {first.TotalMilliseconds:0} ms");
        Print($"{what} {alone:0.00} of the console's processors without anybody who looks, {looked:0.00} with {circuits}: {looked / alone:0.00} times; {each:0.00} MiB of managed heap a circuit; longest task in the browser {tasks.DefaultIfEmpty().Max():0} ms; every other page changed {least} times or more in {Watched.TotalSeconds:0} s");
        heap.Delete(recursive: true);
    }

    private static Task ReportAsync(HttpClient agent, IEnumerable<int> sessions, int by) => SendAsync(agent, OtlpJson.ModelCallsOf(sessions.Select(i => $"fleet-{i}"), $"agent-{by}"));

    private static async Task SendAsync(HttpClient agent, object request)
    {
        using var answer = await agent.PostAsJsonAsync("/v1/traces", request);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>A thousand spans a second, over all sessions in turn.</summary>
    private static async Task<(int Sent, TimeSpan Took)> LoadAsync(HttpClient agent, int sessions, CancellationToken over)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)SpansInRequest / SpansPerSecond));
        var (clock, running, sent) = (Stopwatch.StartNew(), new List<Task>(), 0);
        while (!over.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            var from = sent++ * SpansInRequest % sessions;
            running.Add(ReportAsync(agent, Enumerable.Range(from, SpansInRequest).Select(i => i % sessions), from / SessionsInRequest % Agents));
        }

        await Task.WhenAll(running);
        return (sent, clock.Elapsed);
    }

    /// <summary>Begins sessions of a new agent, one after the other, and waits until its card counts them.</summary>
    private static async Task WatchAsync(IPage page, HttpClient agent, List<double> arrivals)
    {
        var clock = Stopwatch.StartNew();
        for (var number = 1; clock.Elapsed < Watched; number++)
        {
            await SendAsync(agent, OtlpJson.ModelCallsOf([$"new-{number}"], "newcomer"));
            var committed = Stopwatch.GetTimestamp();
            await page.WaitForFunctionAsync(
                "n => [...document.querySelectorAll('article')].some(a => a.querySelector('h2')?.textContent === 'newcomer' && parseInt(a.querySelector('dd').textContent.replaceAll(',', '')) >= n)", number);
            arrivals.Add(Stopwatch.GetElapsedTime(committed).TotalMilliseconds);
            await Task.Delay(Random.Shared.Next(200));
        }
    }

    private static async Task<double> ProcessorsAsync(ConsoleProcess console, Func<Task> meanwhile)
    {
        var (clock, before) = (Stopwatch.StartNew(), console.ProcessorTime);
        await meanwhile();
        return (console.ProcessorTime - before) / clock.Elapsed;
    }

    private static async Task OpenAsync(IPage page)
    {
        await page.GotoAsync("/");
        await page.Locator(".tiles .value").First.WaitForAsync();
    }

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
