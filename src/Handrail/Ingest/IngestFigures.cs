using Handrail.Health;

namespace Handrail.Ingest;

/// <summary>How far the writer of this process is behind. Kept without a lock for each span: the writer says when it begins and ends with a batch.</summary>
public sealed class IngestFigures(IngestSettings settings, TimeProvider time)
{
    /// <summary>The most writers that one process has.</summary>
    internal const int MostWriters = 2;

    private readonly LagWindow _lags = new(time);

    /// <summary>For each writer the arrival of the oldest request that it is at; 0 when it is at none.</summary>
    private readonly long[] _oldest = new long[MostWriters];

    /// <summary>How long the oldest request that is being written has waited by now; zero when nothing waits. What is queued behind it came later.</summary>
    public TimeSpan Behind
    {
        get
        {
            var behind = TimeSpan.Zero;
            for (var i = 0; i < MostWriters; i++)
            {
                if (Interlocked.Read(ref _oldest[i]) is var since and not 0 && time.GetElapsedTime(since) is var waits && waits > behind)
                {
                    behind = waits;
                }
            }

            return behind;
        }
    }

    /// <summary>True when a batch takes twice as long as any sender waits: whoever sends now is told to send again, and again.</summary>
    public bool Stalled => Behind >= 2 * settings.LongestWait;

    /// <summary>How long 99 of 100 spans and log events of the last five minutes took from being read to their commit; null when none came.</summary>
    public TimeSpan? P99 => _lags.Percentile(0.99);

    /// <summary>The moment as <see cref="Begin"/> and <see cref="Committed"/> take it.</summary>
    internal long Now => time.GetTimestamp();

    internal void Begin(int writer, long oldestArrival) => Interlocked.Exchange(ref _oldest[writer], oldestArrival);

    internal void End(int writer) => Interlocked.Exchange(ref _oldest[writer], 0);

    /// <summary>Records of one request are committed.</summary>
    internal void Committed(long arrival, int records)
    {
        var lag = time.GetElapsedTime(arrival);
        _lags.Note(lag, records);
        ConsoleMeter.IngestLag.Record(lag.TotalSeconds);
    }
}
