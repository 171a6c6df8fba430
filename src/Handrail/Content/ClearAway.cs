using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Handrail.Content;

/// <summary>
/// Clears away what is older than it is to be kept: content first, later the steps. PostgreSQL drops whole days; SQLite deletes a few traces
/// at a time, so that a decision never waits for more than one small batch. Sessions with their totals, decisions, the audit record and
/// the hourly figures stay.
/// </summary>
public sealed class ClearAway(HandrailStore store, ContentRules rules, StepDays days, TimeProvider time, ILogger<ClearAway> log)
{
    /// <summary>Traces whose rows go in one transaction.</summary>
    private const int TracesAtOnce = 20;

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
        }
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

    private async Task DropAsync(string table, DateTimeOffset before, CancellationToken cancel)
    {
        if (await days.DropAsync(table, before, cancel) is > 0 and var dropped)
        {
            log.LogInformation("{Days} days of {Table} are older than they are to be kept and were dropped", dropped, table);
        }
    }

    private async Task<int> InBatchesAsync(Func<HandrailDb, IQueryable<Trace>> old, Func<HandrailDb, List<string>, Task> clear, CancellationToken cancel)
    {
        var all = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var cleared = await store.WriteTelemetryAsync(
                async unit =>
                {
                    // A writer that holds a trace is about to make it young again.
                    var ids = await old(unit.Db).OrderBy(t => t.LastReceivedAt).Take(TracesAtOnce).Select(t => t.TraceId).ToListAsync(cancel);
                    ids = await old(unit.Db).Where(t => ids.Contains(t.TraceId)).OrderBy(t => t.TraceId).ForUpdate().Select(t => t.TraceId).ToListAsync(cancel);
                    if (ids.Count > 0)
                    {
                        await clear(unit.Db, ids);
                    }

                    return ids.Count;
                },
                cancel);
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
