using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.Playwright;

namespace Handrail.Benchmarks;

/// <summary>
/// The Sessions page over many sessions in a real browser while 1,000 spans a second come in by the real door: how soon a key is painted
/// while somebody types in the filter, how soon what is committed is on the screen, what it costs the console, and whether the line under
/// the pointer ever moves.
/// </summary>
internal static class SessionsPageBenchmark
{
    private const int SpansPerSecond = 1_000;
    private const int SpansInRequest = 50;
    private const int MoreTabs = 8;
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(15);

    /// <summary>Everything is counted in the page itself, frame by frame.</summary>
    private const string Counting = """
        () => {
          const seen = window.seen = { lastKey: 0, keys: [], tasks: [], gaps: [], moved: 0, under: null, at: null };
          addEventListener('keydown', event => {
            const began = seen.lastKey = event.timeStamp, channel = new MessageChannel();
            channel.port1.onmessage = () => seen.keys.push(performance.now() - began);
            requestAnimationFrame(() => channel.port2.postMessage(0));
          }, true);
          new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(e => e.duration))).observe({ entryTypes: ['longtask'] });
          let last = performance.now();
          const frame = now => {
            seen.gaps.push(now - last);
            last = now;
            if (seen.at) {
              const link = document.elementFromPoint(seen.at.x, seen.at.y)?.closest('tr')?.querySelector('a')?.textContent;
              if (seen.under && link !== seen.under) seen.moved++;
              seen.under = link;
            }
            requestAnimationFrame(frame);
          };
          requestAnimationFrame(frame);
        }
        """;

    public static async Task RunAsync(DatabaseProvider provider, int sessions)
    {
        if (Chromium.Missing is { } missing)
        {
            Console.WriteLine($"sessions  {missing}");
            return;
        }

        await using var database = await BenchmarkDatabase.CreateAsync(provider);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings
        {
            Provider = provider,
            ConnectionString = database.ConnectionString,
            Settings = new Dictionary<string, string> { ["Logging:LogLevel:Default"] = "Warning" },
        });
        await SpendingFreely.AllowAsync(console);
        using var agent = console.AsAgent();
        await Parallel.ForEachAsync(Enumerable.Range(0, sessions / 500), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (part, _) =>
            await ReportAsync(agent, Enumerable.Range(part * 500, 500).Select(Name)));

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        await using var context = await browser.NewContextAsync(new() { BaseURL = console.Address.ToString(), ViewportSize = new() { Width = 1440, Height = 900 } });
        var page = await context.NewPageAsync();
        await page.SignInAsync();

        using var over = new CancellationTokenSource();
        var load = LoadAsync(agent, sessions, over.Token);
        var alone = await ProcessorsAsync(console, Watched, Task.CompletedTask);
        var opening = Stopwatch.StartNew();
        await page.GotoAsync("sessions?sort=last_activity_at");
        await page.Locator("tbody td.what a").First.WaitForAsync();
        var first = opening.Elapsed;
        await page.WaitForFunctionAsync("n => parseInt(document.querySelector('.found').textContent.replaceAll(',', '')) >= n && !document.querySelector('.found').textContent.includes('+')", sessions);
        var whole = opening.Elapsed;
        await page.EvaluateAsync(Counting);

        var arrivals = new List<TimeSpan>();
        var watched = await ProcessorsAsync(console, Watched, WatchAsync(page, agent, arrivals));
        var moved = await page.EvaluateAsync<int>("() => { seen.at = null; return seen.moved; }");
        var (gaps, tasks) = (await NumbersAsync(page, "gaps"), await NumbersAsync(page, "tasks"));
        var narrowed = await TypeAsync(page);
        var keys = await NumbersAsync(page, "keys");
        var (typingGaps, typingTasks) = (await NumbersAsync(page, "gaps"), await NumbersAsync(page, "tasks"));
        var last = await ReachLastAsync(page);
        var sorted = await SortAsync(page);
        var perTab = await MemoryOfTabsAsync(context, console, sessions);
        await over.CancelAsync();
        var spans = await load;

        var what = string.Create(CultureInfo.InvariantCulture, $"sessions  {provider,-9} {sessions,7}:");
        Print($"{what} first lines after {first.TotalMilliseconds:0} ms, the whole order after {whole.TotalMilliseconds:0} ms; {spans:0} spans/s meanwhile");
        Print($"{what} key to paint   p50 {keys.At(0.5):0} ms  p95 {keys.At(0.95):0} ms  of {keys.Length} keys; last key to narrowed list {narrowed.TotalMilliseconds:0} ms (200 ms of it waiting for more keys)");
        Print($"{what} while typing   frames p50 {typingGaps.At(0.5):0} ms  p99 {typingGaps.At(0.99):0} ms  longest {typingGaps.DefaultIfEmpty().Max():0} ms; {typingTasks.Length} tasks over 50 ms, longest {typingTasks.DefaultIfEmpty().Max():0} ms");
        Print($"{what} while watching frames p50 {gaps.At(0.5):0} ms  p99 {gaps.At(0.99):0} ms  longest {gaps.DefaultIfEmpty().Max():0} ms; {tasks.Length} tasks over 50 ms, longest {tasks.DefaultIfEmpty().Max():0} ms");
        var delays = arrivals.Select(a => a.TotalMilliseconds).ToArray();
        Print($"{what} commit to screen p50 {delays.At(0.5):0} ms  p95 {delays.At(0.95):0} ms  of {delays.Length}; the line under the pointer moved {moved} times");
        Print($"{what} console's processors {alone:0.00} without the page, {watched:0.00} with it; {perTab / 1048576.0:0.0} MiB for each further tab");
        Print($"{what} to the last line {last.TotalMilliseconds:0} ms; another order {sorted.TotalMilliseconds:0} ms");
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"bench-{number:000000}");

    private static async Task ReportAsync(HttpClient agent, IEnumerable<string> sessions)
    {
        using var answer = await agent.PostAsJsonAsync("/v1/traces", OtlpJson.ModelCallsOf(sessions, "bench"));
        answer.EnsureSuccessStatusCode();
    }

    /// <returns>The spans a second that were acknowledged.</returns>
    private static async Task<double> LoadAsync(HttpClient agent, int sessions, CancellationToken over)
    {
        var (clock, random, sent, begun) = (Stopwatch.StartNew(), new Random(1), 0, sessions);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)SpansInRequest / SpansPerSecond));
        var running = new List<Task>();
        while (!over.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            // In a tenth of the requests one session is new.
            var of = Enumerable.Range(0, SpansInRequest).Select(i => Name(i == 0 && sent % (10 * SpansInRequest) == 0 ? begun++ : random.Next(sessions))).ToList();
            sent += SpansInRequest;
            running.Add(ReportAsync(agent, of));
            running.RemoveAll(r => r.IsCompletedSuccessfully);
        }

        await Task.WhenAll(running);
        return sent / clock.Elapsed.TotalSeconds;
    }

    /// <returns>How many processors the console used meanwhile.</returns>
    private static async Task<double> ProcessorsAsync(ConsoleProcess console, TimeSpan atLeast, Task meanwhile)
    {
        var (clock, before) = (Stopwatch.StartNew(), console.ProcessorTime);
        await Task.WhenAll(Task.Delay(atLeast), meanwhile);
        return (console.ProcessorTime - before) / clock.Elapsed;
    }

    /// <summary>Rests the pointer on a line, and reports calls of a session on the screen again and again.</summary>
    private static async Task WatchAsync(IPage page, HttpClient agent, List<TimeSpan> arrivals)
    {
        var row = page.Locator("tbody tr:has(a)").Nth(6);
        var box = (await row.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), 300);
        await page.Mouse.MoveAsync(box.X + (box.Width / 2), box.Y + (box.Height / 2), new() { Steps = 10 });
        await page.EvaluateAsync("at => { seen.at = at; }", new { x = box.X + (box.Width / 2), y = box.Y + (box.Height / 2) });
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Watched)
        {
            var (name, steps) = (await page.EvaluateAsync<string>("() => document.querySelector('tbody tr:hover a').textContent"), "() => document.querySelector('tbody tr:hover td:nth-child(5)').textContent");
            var before = await page.EvaluateAsync<string>(steps);
            await ReportAsync(agent, [name]);
            var committed = Stopwatch.GetTimestamp();
            await page.WaitForFunctionAsync($"before => ({steps})() !== before", before);
            arrivals.Add(Stopwatch.GetElapsedTime(committed));
            // At no fixed beat: else every report would meet the page at the same point of its own.
            await Task.Delay(Random.Shared.Next(150));
        }
    }

    private static async Task<TimeSpan> TypeAsync(IPage page)
    {
        await page.EvaluateAsync("() => { seen.gaps.length = seen.tasks.length = seen.keys.length = 0; }");
        var search = page.GetByRole(AriaRole.Searchbox);
        var took = TimeSpan.Zero;
        for (var round = 0; round < 6; round++)
        {
            await search.ClickAsync();
            await search.PressSequentiallyAsync(Name((round * 1000) + 123), new() { Delay = 90 });
            var narrowed = await page.WaitForFunctionAsync("() => document.querySelector('.found').textContent === '1 session' && document.querySelectorAll('tbody td.what a').length === 1 && performance.now() - seen.lastKey");
            took += TimeSpan.FromMilliseconds(await narrowed.JsonValueAsync<double>());
            for (var key = 0; key < 12; key++)
            {
                await search.PressAsync("Backspace", new() { Delay = 30 });
            }

            await page.WaitForFunctionAsync("() => document.querySelectorAll('tbody td.what a').length > 5 && !document.querySelector('.found').textContent.includes('+')");
        }

        return took / 6;
    }

    private static async Task<TimeSpan> ReachLastAsync(IPage page)
    {
        var began = Stopwatch.GetTimestamp();
        await page.EvaluateAsync("() => { const list = document.querySelector('.list'); list.scrollTop = list.scrollHeight; }");
        await page.WaitForFunctionAsync("() => document.querySelector(`tr[aria-rowindex='${document.querySelector('.list table').getAttribute('aria-rowcount')}'] a`)");
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<TimeSpan> SortAsync(IPage page)
    {
        var began = Stopwatch.GetTimestamp();
        await page.GetByRole(AriaRole.Button, new() { Name = "Tokens" }).ClickAsync();
        await page.WaitForFunctionAsync("() => location.search.includes('sort=tokens') && document.querySelector(`tr[aria-rowindex='2'] a`) && !document.querySelector('.found').textContent.includes('+')");
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<double> MemoryOfTabsAsync(IBrowserContext context, ConsoleProcess console, int sessions)
    {
        var before = console.Memory;
        for (var tab = 0; tab < MoreTabs; tab++)
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync("sessions");
            await page.WaitForFunctionAsync("n => parseInt(document.querySelector('.found')?.textContent.replaceAll(',', '')) >= n", sessions);
        }

        // A fixed time, the same in every run: what the tabs needed only to open is let go meanwhile.
        await Task.Delay(TimeSpan.FromSeconds(5));
        return (console.Memory - before) / (double)MoreTabs;
    }

    private static Task<double[]> NumbersAsync(IPage page, string what) => page.EvaluateAsync<double[]>($"() => seen.{what}");

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));
}
