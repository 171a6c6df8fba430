using System.Diagnostics;
using System.Globalization;
using Handrail.Faults.Decisions;
using Handrail.Faults.Load;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Faults.Soak;

/// <summary>Row 14: a fleet at work and people who look on, for half an hour, or for as long as HANDRAIL_TESTS_SOAK says.</summary>
public sealed class Row14Soak
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(DatabaseProvider.Sqlite)]
    [InlineData(DatabaseProvider.Postgres)]
    public async Task Row_14_a_fleet_at_work_and_open_pages_cost_no_more_memory_handles_threads_or_time_in_the_last_third_than_before(DatabaseProvider provider)
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        Assert.SkipWhen(provider == DatabaseProvider.Postgres && !Suite.Soaks, "The short run soaks one database.");
        Assert.SkipWhen(provider == DatabaseProvider.Postgres && PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var (length, spansPerSecond, callsPerSecond) = (Suite.Soak, Suite.Soaks ? 1_000 : 250, Suite.Soaks ? 20 : 5);
        using var heap = new ManagedHeap();
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider) with { Settings = heap.Settings });
        await GateLoad.PrepareAsync(console);
        await using var pages = await OpenPages.OpenAsync(console, Suite.Soaks ? 20 : 8);
        using var telemetry = new SteadyTelemetry(console);
        using var calls = new SteadyCalls(console, ConsoleProcess.AgentKey);
        using var enough = new CancellationTokenSource();
        var load = Task.WhenAll(telemetry.RunAsync(spansPerSecond, enough.Token), calls.AskAsync(callsPerSecond, enough.Token));
        var record = new SoakRecord();
        await WatchAsync(console, pages, heap, record, length);
        await pages.ExpectLiveAsync();
        await enough.CancelAsync();
        await load;

        Figures.Say("Row 14", provider, string.Create(CultureInfo.InvariantCulture,
            $"{length.TotalMinutes:0.#} min at {spansPerSecond:n0} spans/s, {callsPerSecond} gate calls/s and {pages.Count} open pages, all live at the end; medians of the second and the last third: {record}; {telemetry.AcknowledgedSpans:n0} spans acknowledged ({telemetry.SentAgain} requests sent again, p99 {Figures.Share(telemetry.Delays, 0.99).TotalMilliseconds:0} ms); gate p50 {Figures.Median(calls.Asked).TotalMilliseconds:0} ms, p99 {Figures.Share(calls.Asked, 0.99).TotalMilliseconds:0} ms of {calls.Asked.Count}"),
            await Suite.DiskOfAsync(console));
        Assert.Empty(telemetry.Faults);
        Assert.Empty(calls.Faults);
        Assert.Equal(9, record.Series.Count(s => s.Value.Count >= 2));
        await using (var db = Suite.Open(console.Store))
        {
            Assert.Equal(telemetry.AcknowledgedSpans, await db.Steps.LongCountAsync(s => s.SessionId.StartsWith(SteadyTelemetry.Sessions)));
        }

        if (Suite.Soaks)
        {
            Assert.Empty(record.Grown());
        }
    }

    /// <summary>Lets things happen that the pages show, one after the other, and measures meanwhile.</summary>
    private static async Task WatchAsync(ConsoleProcess console, OpenPages pages, ManagedHeap heap, SoakRecord record, TimeSpan length)
    {
        using var agent = console.AsAgent();
        using var person = console.AsAdministrator();
        var (clock, heapEvery) = (Stopwatch.StartNew(), TimeSpan.FromSeconds(Math.Max(5, length.TotalSeconds / 90)));
        for (var (turn, heapAt) = (0, TimeSpan.Zero); clock.Elapsed < length; turn++)
        {
            var at = clock.Elapsed;
            switch (turn % 4)
            {
                case 0:
                    var (came, went) = await pages.HandoffAsync(agent, person);
                    record.Note(at, "handoff in the Inbox", came);
                    record.Note(at, "decision in the Inbox", went);
                    break;
                case 1:
                    record.Note(at, "span on its session's page", await pages.SpanAsync(agent));
                    break;
                case 2:
                    record.Note(at, "session in the list", await pages.SessionAsync(agent));
                    break;
                default:
                    record.Note(at, "to another page and back", await pages.VisitAsync());
                    break;
            }

            record.Note(at, Vitals.Of(console.Id));
            if (clock.Elapsed >= heapAt)
            {
                record.Note(at, SoakRecord.Heap, await heap.MeasureAsync() / 1e6);
                heapAt = clock.Elapsed + heapEvery;
            }

            if (at + Between - clock.Elapsed is { Ticks: > 0 } left)
            {
                await Task.Delay(left);
            }
        }
    }
}
