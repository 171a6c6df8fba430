namespace Handrail.Ingest;

/// <summary>
/// Bounds what is being taken in, from the first byte read to the commit, so that a flood costs its senders a retry and not this
/// process its memory.
/// </summary>
public sealed class IngestAdmission(IngestSettings settings)
{
    /// <summary>What a sender waits before it tries again. Exporters retry for only a few seconds in all, so it is short.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private long _bytes;
    private long _spans;

    public long BytesInFlight => Interlocked.Read(ref _bytes);

    public long SpansInFlight => Interlocked.Read(ref _spans);

    /// <summary>A place for one request; dispose it when the request is over.</summary>
    public Place Enter() => new(this);

    public static Refusal Busy() => new(RefusalKind.Busy, "More telemetry is coming in than can be written; nothing of this request was kept.") { RetryAfter = RetryAfter };

    /// <summary>What one request holds.</summary>
    public sealed class Place(IngestAdmission admission) : IDisposable
    {
        private long _bytes;
        private long _spans;

        /// <exception cref="Refusal">There is no room for so many more bytes now.</exception>
        public void AddBytes(long bytes)
        {
            if (Interlocked.Add(ref admission._bytes, bytes) > admission.Settings.MaxBytesInFlight)
            {
                Interlocked.Add(ref admission._bytes, -bytes);
                throw Busy();
            }

            _bytes += bytes;
        }

        /// <exception cref="Refusal">There is no room for so many more spans now.</exception>
        public void AddSpans(int spans)
        {
            // One request always gets in when nothing else waits: else a large one never would.
            var waiting = Interlocked.Add(ref admission._spans, spans);
            if (waiting > admission.Settings.MaxSpansInFlight && waiting > spans)
            {
                Interlocked.Add(ref admission._spans, -spans);
                throw Busy();
            }

            _spans += spans;
        }

        public void Dispose()
        {
            Interlocked.Add(ref admission._bytes, -_bytes);
            Interlocked.Add(ref admission._spans, -_spans);
            (_bytes, _spans) = (0, 0);
        }
    }

    private IngestSettings Settings { get; } = settings;
}
