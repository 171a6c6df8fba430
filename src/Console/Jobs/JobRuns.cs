using System.Collections.Concurrent;
using Handrail.Shell;

namespace Handrail.Jobs;

/// <summary>The jobs of this process and how their runs went: those of the timetable and those that go round by themselves.</summary>
public sealed class JobRuns(IServiceProvider services, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, JobRun> _ofTheTimetable = new(StringComparer.Ordinal);

    public JobRun Of(string name) => _ofTheTimetable.GetOrAdd(name, n => new JobRun(n, traced: true, time));

    /// <summary>By name.</summary>
    public IReadOnlyList<JobReading> List() =>
        [.. _ofTheTimetable.Values.Concat(services.GetServices<IHostedService>().OfType<RegularWork>().Select(w => w.Run)).Select(r => r.Reading).OrderBy(r => r.Name, StringComparer.Ordinal)];
}
