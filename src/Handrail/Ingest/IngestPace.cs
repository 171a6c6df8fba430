namespace Handrail.Ingest;

/// <summary>How many spans a second are written where there is always more to write: learned from what was, second by second.</summary>
internal sealed class IngestPace(TimeProvider time)
{
    /// <summary>What is believed until something is known: slow for a server, and soon corrected.</summary>
    private const double AtFirst = 5_000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private double _perSecond = AtFirst;
    private long _since;
    private long _spans;
    private bool _idle = true;

    public double PerSecond => Volatile.Read(ref _perSecond);

    /// <summary>So many spans are dealt with.</summary>
    /// <param name="moreWaits">Whether the writer has enough for its next batch already: where it had not all the time, it could have written more than it did.</param>
    public void Done(int spans, bool moreWaits)
    {
        lock (_lock)
        {
            _spans += spans;
            _idle |= !moreWaits;
            if (_since != 0 && time.GetElapsedTime(_since) is var passed && passed < Window)
            {
                return;
            }

            if (_since != 0)
            {
                var rate = _spans / time.GetElapsedTime(_since).TotalSeconds;
                Volatile.Write(ref _perSecond, _idle ? Math.Max(_perSecond, rate) : (_perSecond + rate) / 2);
            }

            (_since, _spans, _idle) = (time.GetTimestamp(), 0, !moreWaits);
        }
    }
}
