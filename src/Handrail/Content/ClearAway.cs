using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Handrail.Content;

/// <summary>
/// Clears away what is older than it is to be kept: content first, later the steps. PostgreSQL drops whole days; SQLite deletes a few traces
/// at a time, so that a decision never waits for more than one small batch. Sessions with their totals, decisions, the audit record and
/// the hourly figures stay. Metric series and senders that were silent for as long no longer take the place of others.
/// </summary>
public sealed class ClearAway(HandrailStore store, ContentRules rules, StepDays days, TimeProvider time, ILogger<ClearAway> log)
{
    /// <summary>Traces whose rows go in one transaction.</summary>
    private const int TracesAtOnce = 20;

    private const int SeriesAtOnce = 500;

    /// <summary>Days without a point after which a series is retired where steps are kept for ever.</summary>
    private const int SilentDays = 90;

    /// <summary>One round.</summary>
    public async Task HandleAsync(CancellationToken cancel)
    {
        var settings = await rules.SettingsAsync(cancel);
        var now = time.GetUtcNow();

        // What was said never outlives its step.
        int? content = settings is { ContentDays: { } c, StepDays: { } s } ? Math.Min(c, s) : settings.ContentDays ?? settings.StepDays;
        if (content is { } contentDays)
        {
            await ContentAsync(now.AddDays(-contentDays), cancel);
        }

        if (settings.StepDays is { } stepDays)
        {
            await StepsAsync(now.AddDays(-stepDays), cancel);
            await SendersAsync(now.AddDays(-stepDays), cancel);
        }

        await SeriesAsync(now.AddDays(-(settings.StepDays ?? SilentDays)), forEver: settings.StepDays is null, cancel);
    }

    private async Task ContentAsync(DateTimeOffset before, CancellationToken cancel)
    {
        if (store.Provider == DatabaseProvider.Postgres)
        {
            await DropAsync(StepDays.Contents, before, cancel);
        }

        var traces = await InBatchesAsync(
            db => db.Traces.Where(t => t.KeepsContent && t.LastReceivedAt < before),
            async (db, ids) =>
            {
                if (store.Provider == DatabaseProvider.Sqlite)
                {
                    await db.StepContents.Where(c => ids.Contains(c.TraceId)).ExecuteDeleteAsync(cancel);
                }

                await db.Traces.Where(t => ids.Contains(t.TraceId)).ExecuteUpdateAsync(t => t.SetProperty(x => x.KeepsContent, false), cancel);
            },
            cancel);
        Tell(traces, "content");
    }

    private async Task StepsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        if (store.Provider == DatabaseProvider.Postgres)
        {
            await DropAsync(StepDays.Steps, before, cancel);
        }

        var traces = await InBatchesAsync(
            db => db.Traces.Where(t => t.LastReceivedAt < before),
            async (db, ids) =>
            {
                if (store.Provider == DatabaseProvider.Sqlite)
                {
                    await db.Steps.Where(s => ids.Contains(s.TraceId)).ExecuteDeleteAsync(cancel);
                }

                await db.Traces.Where(t => ids.Contains(t.TraceId)).ExecuteDeleteAsync(cancel);
            },
            cancel);
        Tell(traces, "steps");
    }

    /// <summary>How their telemetry was read: notes that nothing else is added up from.</summary>
    private Task SendersAsync(DateTimeOffset before, CancellationToken cancel) =>
        store.WriteTelemetryAsync(unit => unit.Db.Senders.Where(s => s.LastSeenAt < before).ExecuteDeleteAsync(cancel), cancel);

    /// <summary>Retires silent series, and removes those of no session, which no figure is read from.</summary>
    private async Task SeriesAsync(DateTimeOffset before, bool forEver, CancellationToken cancel)
    {
        var retired = await InBatchesAsync(
            async db =>
            {
                var ids = await db.MetricSeries.Where(s => !s.Retired && s.LastReceivedAt < before).OrderBy(s => s.Id).Select(s => s.Id).Take(SeriesAtOnce).ToListAsync(cancel);

                // Asked again: a point may have come in since.
                var silent = db.MetricSeries.Where(s => ids.Contains(s.Id) && s.LastReceivedAt < before);
                if (!forEver)
                {
                    await silent.Where(s => s.SessionId == null).ExecuteDeleteAsync(cancel);
                }

                await silent.ExecuteUpdateAsync(s => s.SetProperty(x => x.Retired, true), cancel);
                return ids.Count;
            },
            cancel);
        if (retired > 0)
        {
            log.LogInformation("{Series} metric series were silent for as long as steps are kept and are retired", retired);
        }
    }

    private async Task DropAsync(string table, DateTimeOffset before, CancellationToken cancel)
    {
        if (await days.DropAsync(table, before, cancel) is > 0 and var dropped)
        {
            log.LogInformation("{Days} days of {Table} are older than they are to be kept and were dropped", dropped, table);
        }
    }

    private Task<int> InBatchesAsync(Func<HandrailDb, IQueryable<Trace>> old, Func<HandrailDb, List<string>, Task> clear, CancellationToken cancel) => InBatchesAsync(
        async db =>
        {
            // A writer that holds a trace is about to make it young again.
            var ids = await old(db).OrderBy(t => t.LastReceivedAt).Take(TracesAtOnce).Select(t => t.TraceId).ToListAsync(cancel);
            ids = await old(db).Where(t => ids.Contains(t.TraceId)).OrderBy(t => t.TraceId).ForUpdate().Select(t => t.TraceId).ToListAsync(cancel);
            if (ids.Count > 0)
            {
                await clear(db, ids);
            }

            return ids.Count;
        },
        cancel);

    /// <param name="clear">Clears a few, and says how many; none when there are no more.</param>
    private async Task<int> InBatchesAsync(Func<HandrailDb, Task<int>> clear, CancellationToken cancel)
    {
        var all = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var cleared = await store.WriteTelemetryAsync(unit => clear(unit.Db), cancel);
            if (cleared == 0)
            {
                return all;
            }

            all += cleared;
        }
    }

    private void Tell(int traces, string what)
    {
        if (traces > 0)
        {
            log.LogInformation("The {What} of {Traces} traces was older than it is to be kept and is gone", what, traces);
        }
    }
}
