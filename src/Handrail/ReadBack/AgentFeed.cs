using Handrail.Access;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;

namespace Handrail.ReadBack;

/// <summary>What may have changed for somebody who is connected.</summary>
[Flags]
internal enum FeedNews
{
    None = 0,
    Policy = 1,
    Control = 2,
    Decisions = 4,

    /// <summary>An order that the database has not taken yet: told from memory.</summary>
    Latched = 8,
    All = Policy | Control | Decisions,
}

/// <summary>
/// What one who is connected hears of one agent. Woken, it reads what is committed since its position; whoever reads slowly gets the
/// latest state, not every state.
/// </summary>
public sealed class AgentFeed
{
    /// <summary>How soon it reads again after the database failed it.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    private readonly AgentFeeds _feeds;
    private readonly FeedReading _reading;

    /// <summary>Set when there is news or it was closed. A thousand idle connections wait on one each, so it is the least there is.</summary>
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _news;
    private bool _failed;
    private volatile bool _closed;

    internal AgentFeed(AgentFeeds feeds, Caller caller, string agent, IReadOnlySet<string>? sessions, LayerVersions versions, long seq, FeedPosition? from)
    {
        (_feeds, Agent, Sessions) = (feeds, agent, sessions);
        var now = TimeColumns.ToMicros(feeds.Time.GetUtcNow());

        // A position beyond what there is comes from another database, or from one that was restored: then nothing before it is known to have been told.
        var position = from is { } told
            ? new FeedPosition(told.Policy, Math.Min(told.Control, seq), Math.Min(told.Decided, now))
            : new FeedPosition(default, seq, now);
        _reading = new FeedReading(caller.Team, agent, sessions, position, versions, fresh: from is null);
    }

    public string Agent { get; }

    /// <summary>The sessions it is about; null for all of the agent's.</summary>
    internal IReadOnlySet<string>? Sessions { get; }

    internal bool IsConcernedBy(LatchedOrder order) => _reading.Concerns(order);

    /// <summary>How far its holder has been told.</summary>
    public FeedPosition Position => _reading.Position;

    /// <summary>What there is to tell; holds until there is something, or the time is over: then empty. Null once another has taken its place.</summary>
    public async Task<IReadOnlyList<FeedEvent>?> NextAsync(TimeSpan atMost, CancellationToken cancel)
    {
        try
        {
            await Volatile.Read(ref _signal).Task.WaitAsync(_failed && Retry < atMost ? Retry : atMost, _feeds.Time, cancel);
        }
        catch (TimeoutException)
        {
            // Nothing woke it; what a failure left unread is read below.
        }

        // Before the news are taken: whatever comes after that sets the new one.
        Volatile.Write(ref _signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_closed)
        {
            return null;
        }

        var seen = _feeds.Seq;
        var news = (FeedNews)Interlocked.Exchange(ref _news, 0);
        if (news.HasFlag(FeedNews.Latched))
        {
            // Before anything that asks the database, which may be what is broken.
            Wake(news & ~FeedNews.Latched);
            return _reading.Latched(_feeds.Latch);
        }

        if (news == FeedNews.None)
        {
            _reading.HeardUpTo(seen);
            return [];
        }

        // A stop of the fleet is told of from memory, without a thousand looks into the database, for which it must not wait.
        if (news == FeedNews.Control && _reading.TryControl(_feeds) is { } orders)
        {
            return orders;
        }

        try
        {
            // So is a publish, which wakes a whole fleet too.
            if (news == FeedNews.Policy && await _reading.TryPolicyAsync(_feeds, cancel) is { } policy)
            {
                return policy;
            }

            var (events, remaining) = await _feeds.Store.ReadAsync(db => _reading.ReadAsync(db, _feeds, news, cancel), cancel);
            _failed = false;
            if (remaining != FeedNews.None)
            {
                Wake(remaining);
            }

            return events;
        }
        catch (Exception e) when (StorageFault.Is(e) && !cancel.IsCancellationRequested)
        {
            Interlocked.Or(ref _news, (int)news);
            _failed = true;
            return [];
        }
    }

    /// <summary>Notes that these orders went out, so that people see them delivered.</summary>
    public Task DeliveredAsync(IEnumerable<FeedEvent> events)
    {
        List<(string SessionId, long Seq)> told = [.. events.Select(e => e.Content).OfType<ControlNews>().Where(n => n.SessionId is not null).SelectMany(n => n.Commands, (n, c) => (n.SessionId!, c.Seq))];
        return told.Count == 0 ? Task.CompletedTask : _feeds.Control.DeliverAsync(told);
    }

    internal void Wake(FeedNews news)
    {
        if (news == FeedNews.None)
        {
            return;
        }

        Interlocked.Or(ref _news, (int)news);
        Volatile.Read(ref _signal).TrySetResult();
    }

    internal void Close()
    {
        _closed = true;
        Volatile.Read(ref _signal).TrySetResult();
    }
}
