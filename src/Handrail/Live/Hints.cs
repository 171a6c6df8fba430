using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Handrail.Live;

public enum HintKind
{
    /// <summary>A session's row, steps or totals; the key is its id.</summary>
    Session,

    /// <summary>An action's status; the key is <see cref="Hint.ActionKey"/>.</summary>
    Action,

    /// <summary>A handoff; the key is its id.</summary>
    Handoff,

    /// <summary>A policy layer; the key is <c>fleet</c> or <c>agent:NAME</c>.</summary>
    Policy,

    /// <summary>A control command; the key is <c>session:ID</c>, <c>agent:NAME</c> or <c>fleet</c>.</summary>
    Control,

    /// <summary>The registry; the key is the agent's name.</summary>
    Agent,

    Audit,

    /// <summary>An agent key was revoked; the key is its id.</summary>
    AgentKey,

    /// <summary>The outbox; the key is <see cref="Hint.ToSend"/> where something may be to be sent, and <see cref="Hint.Sent"/> for how that went.</summary>
    Notice,
}

/// <summary>That something changed, never what: whoever hears it reads the committed state. May be lost or merged.</summary>
public readonly record struct Hint(HintKind Kind, string Key)
{
    /// <summary>There is something new in the outbox.</summary>
    public const string ToSend = "to_send";

    /// <summary>A delivery has moved on.</summary>
    public const string Sent = "sent";

    public static string ActionKey(string sessionId, string actionId) => $"{sessionId}\n{actionId}";
}

/// <summary>Carries hints from whoever committed to whoever waits, within this process.</summary>
public sealed class Hints : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private int _polling;
    private readonly ConcurrentDictionary<Listener, byte> _all = new();
    private readonly ConcurrentDictionary<Hint, ConcurrentDictionary<Listener, byte>> _byHint = new();

    /// <summary>Cancelled when the process is about to end: long-polls then answer with what there is.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>How many listeners there are: whoever went away without a word would show here.</summary>
    public int Listening => _all.Keys.Concat(_byHint.Values.SelectMany(l => l.Keys)).Distinct().Count();

    /// <summary>Long polls that are held at this moment.</summary>
    public int Polling => _polling;

    public void End() => _ending.Cancel();

    public void Dispose() => _ending.Dispose();

    internal void Polls(int more) => Interlocked.Add(ref _polling, more);

    /// <summary>Told only after the commit that it speaks of.</summary>
    public void Tell(Hint hint) => Tell(hint, own: true);

    /// <summary>Passes on what another process told.</summary>
    internal void TellFromElsewhere(Hint hint) => Tell(hint, own: false);

    private void Tell(Hint hint, bool own)
    {
        if (_byHint.TryGetValue(hint, out var exact))
        {
            foreach (var listener in exact.Keys)
            {
                listener.Offer(hint, own);
            }
        }

        foreach (var listener in _all.Keys)
        {
            listener.Offer(hint, own);
        }
    }

    /// <summary>Hears exactly these hints, from now on: listen first, then read the state, so that nothing falls between.</summary>
    public Listener Listen(params Hint[] hints) => new(this, hints, null);

    /// <summary>Hears every hint of these kinds: for lists.</summary>
    public Listener ListenToAll(params HintKind[] kinds) => new(this, [], kinds);

    /// <summary>Hears what this process itself told: to pass it on to others.</summary>
    internal Listener ListenToOwn() => new(this, [], Enum.GetValues<HintKind>(), ownOnly: true);

    /// <summary>One waiting party. Keeps at most 1,024 hints and drops further ones: it re-reads all it shows anyway.</summary>
    public sealed class Listener : IDisposable
    {
        private readonly Hints _hints;
        private readonly Hint[] _exact;
        private readonly HintKind[]? _kinds;
        private readonly bool _ownOnly;
        private readonly Channel<Hint> _heard = Channel.CreateBounded<Hint>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

        /// <summary>As many hints are kept; whoever hears so many at once may have missed others.</summary>
        public const int Most = 1024;

        internal Listener(Hints hints, Hint[] exact, HintKind[]? kinds, bool ownOnly = false)
        {
            (_hints, _exact, _kinds, _ownOnly) = (hints, exact, kinds, ownOnly);
            if (kinds is not null)
            {
                hints._all[this] = 0;
            }

            foreach (var hint in exact)
            {
                hints._byHint.AddOrUpdate(
                    hint,
                    _ => new ConcurrentDictionary<Listener, byte>([new KeyValuePair<Listener, byte>(this, 0)]),
                    (_, listeners) =>
                    {
                        listeners[this] = 0;
                        return listeners;
                    });
            }
        }

        internal void Offer(Hint hint, bool own)
        {
            if (_ownOnly && !own)
            {
                return;
            }

            if (_kinds is null || _kinds.Contains(hint.Kind))
            {
                _heard.Writer.TryWrite(hint);
            }
        }

        /// <summary>Waits for the next hint, at most this long, and drains what else has come. Null when nothing came.</summary>
        public async ValueTask<IReadOnlySet<Hint>?> NextAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancel)
        {
            using var timer = new CancellationTokenSource(atMost, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
            try
            {
                if (!await _heard.Reader.WaitToReadAsync(either.Token))
                {
                    return null;
                }
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return null;
            }

            return Heard();
        }

        /// <summary>Something has come since the last look.</summary>
        public bool IsHeard => _heard.Reader.Count > 0;

        /// <summary>What has come since the last look, without waiting.</summary>
        public IReadOnlySet<Hint> Heard()
        {
            var all = new HashSet<Hint>();
            while (_heard.Reader.TryRead(out var hint))
            {
                all.Add(hint);
            }

            return all;
        }

        public void Dispose()
        {
            _hints._all.TryRemove(this, out _);
            foreach (var hint in _exact)
            {
                if (_hints._byHint.TryGetValue(hint, out var listeners) && listeners.TryRemove(this, out _) && listeners.IsEmpty
                    && _hints._byHint.TryRemove(new(hint, listeners)))
                {
                    // Somebody may have joined between the look and the removal: put the late comer back.
                    foreach (var late in listeners.Keys)
                    {
                        _hints._byHint.AddOrUpdate(hint, listeners, (_, other) =>
                        {
                            other[late] = 0;
                            return other;
                        });
                    }
                }
            }

            _heard.Writer.TryComplete();
        }
    }
}
