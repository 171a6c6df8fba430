using System.Collections.Concurrent;
using Handrail.Access;

namespace Handrail.Ingest;

/// <summary>
/// Bounds what is being taken in, from the first byte read to the commit, so that a flood costs its senders a retry and not this
/// process its memory; and what of it one key may hold, so that it leaves room for others.
/// </summary>
public sealed class IngestAdmission(IngestSettings settings, TimeProvider time)
{
    /// <summary>What a sender waits before it tries again. Exporters retry for only a few seconds in all, so it is short.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>By key; as many as there are.</summary>
    private readonly ConcurrentDictionary<string, Held> _ofKey = new(StringComparer.Ordinal);

    private long _bytes;
    private long _spans;

    public long BytesInFlight => Interlocked.Read(ref _bytes);

    public long SpansInFlight => Interlocked.Read(ref _spans);

    /// <summary>A place for one request of this caller; dispose it when the request is over.</summary>
    public Place Enter(Caller caller) => new(this, _ofKey.GetOrAdd(caller.Id, static _ => new Held()));

    public static Refusal Busy() => new(RefusalKind.Busy, "More telemetry is coming in than can be written; nothing of this request was kept.") { RetryAfter = RetryAfter };

    private static Refusal OverShare() => new(RefusalKind.TooMany, "This key sends more telemetry than its share of what can be written; nothing of this request was kept.") { RetryAfter = RetryAfter };

    /// <summary>What all requests of one key hold.</summary>
    internal sealed class Held
    {
        public long Bytes;
        public long Spans;
    }

    /// <summary>What one request holds, until it is disposed of and the work that was begun with it has ended.</summary>
    public sealed class Place : IDisposable
    {
        private readonly IngestAdmission _admission;
        private readonly Held _ofKey;
        private readonly CancellationTokenSource _givenUp = new();
        private readonly List<IDisposable> _kept = [];
        private Task _work = Task.CompletedTask;
        private long _bytes;
        private long _spans;

        internal Place(IngestAdmission admission, Held ofKey) => (_admission, _ofKey) = (admission, ofKey);

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
                return await work.WaitAsync(_admission.Settings.LongestWait, _admission.Time, gone);
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

        /// <exception cref="Refusal">There is no room for so many more bytes now, at all or for this key.</exception>
        public void AddBytes(long bytes)
        {
            var room = _admission.Settings.MaxBytesInFlight;
            var all = Interlocked.Add(ref _admission._bytes, bytes);
            var ofKey = Interlocked.Add(ref _ofKey.Bytes, bytes);
            _bytes += bytes;
            if (all > room || (ofKey > _bytes && Share.IsOver(ofKey, all, room)))
            {
                GiveBackBytes(bytes);
                throw all > room ? Busy() : OverShare();
            }
        }

        /// <exception cref="Refusal">There is no room for so many more spans now, at all or for this key.</exception>
        public void AddSpans(int spans)
        {
            var room = _admission.Settings.MaxSpansInFlight;
            var all = Interlocked.Add(ref _admission._spans, spans);
            var ofKey = Interlocked.Add(ref _ofKey.Spans, spans);
            _spans += spans;

            // One request always gets in when nothing else waits, of all or of this key: else a large one never would.
            var none = all > room && all > _spans;
            if (none || (ofKey > _spans && Share.IsOver(ofKey, all, room)))
            {
                GiveBackSpans(spans);
                throw none ? Busy() : OverShare();
            }
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
            GiveBackBytes(_bytes);
            GiveBackSpans(_spans);
            _kept.ForEach(k => k.Dispose());
            _kept.Clear();
            _givenUp.Dispose();
        }

        private void GiveBackBytes(long bytes)
        {
            Interlocked.Add(ref _admission._bytes, -bytes);
            Interlocked.Add(ref _ofKey.Bytes, -bytes);
            _bytes -= bytes;
        }

        private void GiveBackSpans(long spans)
        {
            Interlocked.Add(ref _admission._spans, -spans);
            Interlocked.Add(ref _ofKey.Spans, -spans);
            _spans -= spans;
        }
    }

    private IngestSettings Settings { get; } = settings;

    private TimeProvider Time { get; } = time;
}
