using Handrail.Health;

namespace Handrail.Jobs;

/// <summary>How the runs of one job of this process went.</summary>
/// <param name="name">The same over all versions: <c>outbox.look</c>, <c>Retention</c>.</param>
/// <param name="traced">True for a span of each run. What goes round every second has none: it would say nothing, often.</param>
public sealed class JobRun(string name, bool traced, TimeProvider time)
{
    private readonly Lock _lock = new();
    private JobReading _reading = new(name, 0, 0, null, null, null);

    public JobReading Reading
    {
        get
        {
            lock (_lock)
            {
                return _reading;
            }
        }
    }

    /// <summary>Runs it, notes how that went, and lets what failed go on to whoever asked for the run.</summary>
    /// <param name="cancel">The console ends: what is given up for it has not failed.</param>
    public async Task RunAsync(Func<Task> work, CancellationToken cancel)
    {
        using var span = traced ? ConsoleMeter.Source.StartActivity($"job {name}") : null;
        try
        {
            await work();
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            span?.SetStatus(System.Diagnostics.ActivityStatusCode.Error).SetTag("error.type", e.GetType().FullName);
            ConsoleMeter.JobFailures.Add(1, new KeyValuePair<string, object?>("handrail.job.name", name));
            Note(r => r with { Failures = r.Failures + 1, InARow = r.InARow + 1, FailedAt = time.GetUtcNow(), Error = e.GetType().Name });
            throw;
        }

        Note(r => r with { InARow = 0, SucceededAt = time.GetUtcNow() });
    }

    private void Note(Func<JobReading, JobReading> change)
    {
        lock (_lock)
        {
            _reading = change(_reading);
        }
    }
}

/// <summary>How the runs of a job went, in this process and since it started.</summary>
/// <param name="InARow">Failures since it last succeeded.</param>
/// <param name="Error">The kind of the last failure; what it said is in the log.</param>
public sealed record JobReading(string Name, long Failures, int InARow, DateTimeOffset? SucceededAt, DateTimeOffset? FailedAt, string? Error);
