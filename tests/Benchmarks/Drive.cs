using System.Collections.Concurrent;
using System.Diagnostics;

namespace Handrail.Benchmarks;

/// <summary>What a run of calls came to.</summary>
internal sealed record Figures(double PerSecond, TimeSpan P50, TimeSpan P95, TimeSpan P99)
{
    public static Figures Of(int calls, TimeSpan took, IEnumerable<TimeSpan> delays)
    {
        var sorted = delays.Order().ToArray();
        return new Figures(calls / took.TotalSeconds, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.95)], sorted[(int)(sorted.Length * 0.99)]);
    }
}

/// <summary>Calls, over several connections at once.</summary>
internal static class Drive
{
    /// <summary>Each connection calls again as soon as it is answered.</summary>
    public static async Task<Figures> FlatOutAsync(int calls, int connections, Func<int, Task> call)
    {
        var delays = new ConcurrentBag<TimeSpan>();
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            for (var number = Interlocked.Increment(ref next); number < calls; number = Interlocked.Increment(ref next))
            {
                var start = Stopwatch.GetTimestamp();
                await call(number);
                delays.Add(Stopwatch.GetElapsedTime(start));
            }
        }));
        return Figures.Of(calls, clock.Elapsed, delays);
    }

    /// <summary>
    /// A call each time one is due, whether or not those before are answered; a delay counts from when the call was due, so that a stall is
    /// not hidden by the calls it kept back.
    /// </summary>
    public static async Task<Figures> PacedAsync(int calls, double perSecond, Func<int, Task> call)
    {
        var delays = new ConcurrentBag<TimeSpan>();
        var clock = Stopwatch.StartNew();
        var running = new List<Task>();
        for (var number = 0; number < calls; number++)
        {
            var due = TimeSpan.FromSeconds(number / perSecond);
            if (due - clock.Elapsed is { Ticks: > 0 } early)
            {
                await Task.Delay(early);
            }

            running.Add(CallAsync(number, due));
        }

        await Task.WhenAll(running);
        return Figures.Of(calls, clock.Elapsed, delays);

        async Task CallAsync(int number, TimeSpan due)
        {
            await call(number);
            delays.Add(clock.Elapsed - due);
        }
    }
}
