namespace Handrail.Ingest;

/// <summary>
/// Bounds what is being taken in, from the first byte read to the commit, so that a flood costs its senders a retry and not this
/// process its memory.
/// </summary>
public sealed class IngestAdmission(IngestSettings settings, TimeProvider time)
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

    /// <summary>What one request holds, until it is disposed of and the work that was begun with it has ended.</summary>
    public sealed class Place(IngestAdmission admission) : IDisposable
    {
        private readonly CancellationTokenSource _givenUp = new();
        private readonly List<IDisposable> _kept = [];
        private Task _work = Task.CompletedTask;
        private long _bytes;
        private long _spans;

        /// <summary>
        /// Waits for work that needs what is held, and no longer than <see cref="IngestSettings.LongestWait"/> or until the sender is gone. Work
        /// that nobody waits for any more is cancelled; as long as it goes on all the same, the place stays taken.
        /// </summary>
        /// <exception cref="Refusal">It took too long: the sender must send it all again.</exception>
        public async Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> begin, CancellationToken gone)
        {
            var work = begin(_givenUp.Token);
            _work = work;
            try
            {
                return await work.WaitAsync(admission.Settings.LongestWait, admission.Time, gone);
            }
            catch (TimeoutException) when (!work.IsCompleted)
            {
                throw IngestFailure.Slow();
            }
            finally
            {
                if (!work.IsCompleted)
                {
                    await _givenUp.CancelAsync();
                }
            }
        }

        /// <summary>Disposed of when the place is given back.</summary>
        public void Keep(IDisposable held) => _kept.Add(held);

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
            if (_work.IsCompleted)
            {
                GiveBack();
            }
            else
            {
                // Whoever waited has been told already: how it ends is nobody's any more.
                _ = _work.ContinueWith(
                    ended =>
                    {
                        _ = ended.Exception;
                        GiveBack();
                    },
                    CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        private void GiveBack()
        {
            Interlocked.Add(ref admission._bytes, -_bytes);
            Interlocked.Add(ref admission._spans, -_spans);
            (_bytes, _spans) = (0, 0);
            _kept.ForEach(k => k.Dispose());
            _kept.Clear();
            _givenUp.Dispose();
        }
    }

    private IngestSettings Settings { get; } = settings;

    private TimeProvider Time { get; } = time;
}
