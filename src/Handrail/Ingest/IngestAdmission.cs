using System.Collections.Concurrent;
using Handrail.Access;

namespace Handrail.Ingest;

/// <summary>
/// Bounds what is being taken in, from the first byte read to the commit, so that a flood costs its senders a retry and not this
/// process its memory; and what of it one key may hold, so that it leaves room for others. What can't be written in a fraction of the time that
/// its sender waits is refused before it is read (<see cref="Place.Expect"/>): taken in, it would be written for nobody, and keep what comes after it waiting as long.
/// </summary>
public sealed class IngestAdmission(IngestSettings settings, TimeProvider time)
{
    /// <summary>What a sender waits before it tries again. Exporters retry for only a few seconds in all, so it is short.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Of the time that a sender waits at most, what may be waiting already when it comes.</summary>
    private const int PartOfWait = 4;

    /// <summary>Spans that always have room, so that the writer is never kept idle by what it has learned: two of its batches.</summary>
    private const int LeastRoom = 4_096;

    /// <summary>By key; as many as there are.</summary>
    private readonly ConcurrentDictionary<string, Held> _ofKey = new(StringComparer.Ordinal);

    private readonly IngestPace _pace = new(time);

    private long _bytes;
    private long _spans;

    /// <summary>Spans that are expected of requests which have not been read.</summary>
    private long _expected;

    /// <summary>What a request has lately.</summary>
    private long _usual;

    /// <summary>How many wait for <see cref="_fewer"/>.</summary>
    private int _waitForFewer;

    /// <summary>Done when spans were given back; then there is another.</summary>
    private TaskCompletionSource _fewer = NewFewer();

    public long BytesInFlight => Interlocked.Read(ref _bytes);

    public long SpansInFlight => Interlocked.Read(ref _spans);

    /// <summary>Spans that may wait, read or not, when a request comes: what is written meanwhile.</summary>
    private long Room => Math.Min(Settings.MaxSpansInFlight, Math.Max(LeastRoom, (long)(_pace.PerSecond * Settings.LongestWait.TotalSeconds / PartOfWait)));

    /// <summary>A place for one request of this caller; dispose it when the request is over.</summary>
    public Place Enter(Caller caller) => new(this, _ofKey.GetOrAdd(caller.Id, static _ => new Held()));

    /// <summary>The writer is done with so many spans; they hold their places still.</summary>
    internal void Written(int spans) => _pace.Done(spans, SpansInFlight >= 2L * spans);

    /// <summary>Waits until fewer spans than this hold places.</summary>
    internal async Task FewerSpansAsync(int than, CancellationToken cancel)
    {
        if (SpansInFlight < than)
        {
            return;
        }

        Interlocked.Increment(ref _waitForFewer);
        try
        {
            // Taken before the look: what is given back after the look completes this one.
            for (var given = Volatile.Read(ref _fewer).Task; SpansInFlight >= than; given = Volatile.Read(ref _fewer).Task)
            {
                await given.WaitAsync(cancel);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waitForFewer);
        }
    }

    private void GaveBack()
    {
        if (Volatile.Read(ref _waitForFewer) > 0)
        {
            Interlocked.Exchange(ref _fewer, NewFewer()).TrySetResult();
        }
    }

    private static TaskCompletionSource NewFewer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static Refusal Busy() => new(RefusalKind.Busy, "More telemetry is coming in than can be written; nothing of this request was kept.") { RetryAfter = RetryAfter };

    private static Refusal OverShare() => new(RefusalKind.TooMany, "This key sends more telemetry than its share of what can be written; nothing of this request was kept.") { RetryAfter = RetryAfter };

    /// <summary>What all requests of one key hold.</summary>
    internal sealed class Held
    {
        public long Bytes;
        public long Spans;
        public long Expected;
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
        private long _expected;

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

        /// <summary>Takes room for a request that has not been read: as much as requests need lately.</summary>
        /// <exception cref="Refusal">So much waits that it would wait too long; or this key has its share. Nothing of it needs to be read.</exception>
        public void Expect()
        {
            var usual = Interlocked.Read(ref _admission._usual);
            var all = Interlocked.Add(ref _admission._expected, usual) + _admission.SpansInFlight;
            var ofKey = Interlocked.Add(ref _ofKey.Expected, usual) + Interlocked.Read(ref _ofKey.Spans);
            _expected += usual;
            var room = _admission.Room;

            // As with spans: a request gets in when nothing else waits.
            var none = all > room && all > usual;
            if (none || (ofKey > usual && Share.IsOver(ofKey, all, room)))
            {
                WasRead();
                throw none ? Busy() : OverShare();
            }
        }

        /// <summary>The request has been read: what is in it counts from now on, and no longer what was expected.</summary>
        public void WasRead()
        {
            Interlocked.Add(ref _admission._expected, -_expected);
            Interlocked.Add(ref _ofKey.Expected, -_expected);
            _expected = 0;
        }

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
            _admission.Learn(spans);

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
            WasRead();
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
            if (spans > 0)
            {
                _admission.GaveBack();
            }
        }
    }

    /// <summary>Two that come at once may lose one's word: it is an average.</summary>
    private void Learn(int spans) => Interlocked.Exchange(ref _usual, ((7 * Interlocked.Read(ref _usual)) + spans + 7) / 8);

    private IngestSettings Settings { get; } = settings;

    private TimeProvider Time { get; } = time;
}
