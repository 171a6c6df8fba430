using System.Diagnostics;
using System.Globalization;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Benchmarks;

/// <summary>
/// What the pages and the API wait for their readings once months of a fleet are stored, beside what they wait at a tenth of that. Each reading is warm,
/// with parameters drawn from all that is stored.
/// </summary>
internal static class GrowthBenchmark
{
    private const int Warmup = 100;
    private const int Readings = 240;

    /// <param name="folder">Where the databases are kept from one run to the next; null for nowhere.</param>
    public static async Task RunAsync(DatabaseProvider provider, int steps, string? folder)
    {
        await using var store = await GrowthStore.OpenAsync(provider, folder);
        if (!store.Filled)
        {
            await FillAsync(store, steps);
        }

        var measured = new List<(string Name, Figures Early, Figures Full)>();
        await using var early = await Side.StartAsync(store, store.Early);
        await using var full = await Side.StartAsync(store, store.Full);
        foreach (var ((name, ofEarly), (_, ofFull)) in early.All().Zip(full.All()))
        {
            var figures = await MeasureAsync(name, ofEarly, ofFull);
            measured.Add(figures);
            Print(provider, figures);
        }

        var worst = measured.MaxBy(m => m.Full.P95);
        Print($"growth    {provider,-9} slowest at p95: {worst.Name} {worst.Full.P95.TotalMilliseconds:0.0} ms");
    }

    private static async Task FillAsync(GrowthStore store, int steps)
    {
        var clock = TimeProvider.System.GetTimestamp();
        await using (var console = await store.StartAsync(store.Full))
        {
            await GrowthFill.SendAsync(console, new GrowthDay(steps / GrowthFill.Days, TimeProvider.System.GetUtcNow(), seed: 1));
            await console.InterruptAsync();
        }

        var fill = new GrowthFill(store.Provider, store.ConnectionString(store.Full));
        await fill.PrepareAsync();
        await fill.CopyAsync(1, GrowthFill.EarlyDays - 1);
        await store.KeepEarlyAsync();
        var early = new GrowthFill(store.Provider, store.ConnectionString(store.Early));
        await early.FinishAsync();
        await fill.CopyAsync(GrowthFill.EarlyDays, GrowthFill.Days - 1);
        await fill.FinishAsync();
        store.NoteFilled();
        Print($"growth    {store.Provider,-9} {await early.CountAsync("steps")} and {await fill.CountAsync("steps")} steps in {await fill.CountAsync("sessions")} sessions, filled in {TimeProvider.System.GetElapsedTime(clock).TotalSeconds:0} s");
    }

    /// <summary>The two in turn, so that whatever else the machine does meets both.</summary>
    private static async Task<(string Name, Figures Early, Figures Full)> MeasureAsync(string name, Func<int, Task> ofEarly, Func<int, Task> ofFull)
    {
        var (early, full) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var n = -Warmup; n < Readings; n++)
        {
            foreach (var (read, times) in new[] { (ofEarly, early), (ofFull, full) })
            {
                var start = Stopwatch.GetTimestamp();
                await read(Math.Abs(n));
                times.Add(Stopwatch.GetElapsedTime(start));
            }
        }

        return (name, Figures.Of(Readings, TimeSpan.FromTicks(early.Skip(Warmup).Sum(t => t.Ticks)), early.Skip(Warmup)), Figures.Of(Readings, TimeSpan.FromTicks(full.Skip(Warmup).Sum(t => t.Ticks)), full.Skip(Warmup)));
    }

    private static void Print(DatabaseProvider provider, (string Name, Figures Early, Figures Full) m) => Print(
        $"growth    {provider,-9} {m.Name,-34} a tenth p50 {m.Early.P50.TotalMilliseconds,6:0.0} p95 {m.Early.P95.TotalMilliseconds,6:0.0} ms   all p50 {m.Full.P50.TotalMilliseconds,6:0.0} p95 {m.Full.P95.TotalMilliseconds,6:0.0} ms   ratio p50 {m.Full.P50 / m.Early.P50:0.00} p95 {m.Full.P95 / m.Early.P95:0.00}{(m.Full.P95 > TimeSpan.FromMilliseconds(100) || m.Full.P95 > 1.3 * m.Early.P95 ? "  <" : "")}");

    private static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    /// <summary>One of the two sizes, with a console of its own.</summary>
    private sealed class Side(ConsoleProcess console, HttpClient people, GrowthPages pages, GrowthPool pool) : IAsyncDisposable
    {
        public static async Task<Side> StartAsync(GrowthStore store, string database)
        {
            var console = await store.StartAsync(database);

            // Somebody is always at work.
            await GrowthFill.SendAsync(console, new GrowthDay(4_000, TimeProvider.System.GetUtcNow(), Environment.TickCount));
            var connection = store.ConnectionString(database);
            return new Side(console, console.AsAdministrator(), new GrowthPages(store.Provider, connection), await GrowthPool.ReadAsync(store.Provider, connection));
        }

        public IEnumerable<(string Name, Func<int, Task> Read)> All() =>
        [
            ("first page", n => GetAsync($"sessions?sort={pool.Sort(n)}")),
            ("deep page", n => GetAsync($"sessions?sort={pool.Sort(n)}&cursor={pool.Cursor(n)}")),
            ("a state", n => GetAsync($"sessions?sort={pool.Sort(n)}&state={pool.State(n).Text()}")),
            ("an agent", n => GetAsync($"sessions?sort={pool.Sort(n)}&agent={Uri.EscapeDataString(pool.Agent(n))}")),
            ("a text", n => GetAsync($"sessions?sort={pool.Sort(n)}&q={Uri.EscapeDataString(pool.Text(n))}")),
            ("since", n => GetAsync($"sessions?sort={pool.Sort(n)}&since={pool.Since(n)}")),
            ("a least cost", n => GetAsync($"sessions?sort={pool.Sort(n)}&min_cost={pool.MinCost(n).ToString(CultureInfo.InvariantCulture)}")),
            ("agent, state and time", n => GetAsync($"sessions?sort={pool.Sort(n)}&agent={Uri.EscapeDataString(pool.Agent(n))}&state={pool.State(n).Text()}&since={pool.Since(n)}")),
            ("agent, text and cost, deep", n => GetAsync($"sessions?sort={pool.Sort(n)}&agent={Uri.EscapeDataString(pool.Agent(n))}&q={Uri.EscapeDataString(pool.Text(n))}&min_cost={pool.MinCost(n).ToString(CultureInfo.InvariantCulture)}&cursor={pool.Cursor(n)}")),
            ("a session of 500 steps", n => GetAsync($"sessions/{pool.Long(n)}")),
            ("its steps", n => GetAsync($"sessions/{pool.Long(n)}/steps?limit=500")),
            ("as it was", n => GetAsync($"sessions/{pool.Long(n)}?until={pool.Since(n)}")),
            ("handoffs decided", n => GetAsync("handoffs?status=approved")),
            .. pages.Readings(pool),
        ];

        public async ValueTask DisposeAsync()
        {
            await pages.DisposeAsync();
            await console.DisposeAsync();
        }

        private async Task GetAsync(string path)
        {
            using var answer = await people.GetAsync("/api/v1/" + path);
            await answer.Content.ReadAsByteArrayAsync();
            answer.EnsureSuccessStatusCode();
        }
    }
}
