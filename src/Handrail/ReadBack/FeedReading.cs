using Handrail.Actions;
using Handrail.Handoffs;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.ReadBack;

/// <summary>Reads what is committed since a position, and moves it on. Something may be told twice; nothing is left out.</summary>
internal sealed class FeedReading(string? team, string agent, IReadOnlySet<string>? sessions, FeedPosition position, LayerVersions known, bool fresh)
{
    private const int MostCommands = 500;
    private const int MostDecisions = 200;

    /// <summary>Decisions told whose time lies within the overlap, in which others may still turn up.</summary>
    private readonly Dictionary<string, (long Version, DateTimeOffset At)> _told = new(StringComparer.Ordinal);

    private bool _fresh = fresh;

    public FeedPosition Position { get; private set; } = position;

    /// <returns>What there is to tell, and of what there is more than was read at once.</returns>
    public async Task<(IReadOnlyList<FeedEvent> Events, FeedNews Remaining)> ReadAsync(HandrailDb db, AgentFeeds feeds, FeedNews news, CancellationToken cancel)
    {
        var (events, position, remaining) = (new List<FeedEvent>(), Position, FeedNews.None);
        if (news.HasFlag(FeedNews.Policy))
        {
            position = await PolicyAsync(db, feeds, position, events, cancel);
        }

        if (news.HasFlag(FeedNews.Control))
        {
            (position, var more) = await ControlAsync(db, feeds.Seq, position, events, cancel);
            remaining |= more ? FeedNews.Control : FeedNews.None;
        }

        if (news.HasFlag(FeedNews.Decisions))
        {
            (position, var more) = await DecisionsAsync(db, feeds.Time.GetUtcNow(), position, events, cancel);
            remaining |= more ? FeedNews.Decisions : FeedNews.None;
        }

        // Only when all of it was read: what failed half-way is read again from where it was.
        Position = position;
        _fresh = false;
        return (events, remaining);
    }

    /// <summary>The orders that the database has not taken yet, as far as they concern the agent. The position stays: the commands themselves are still to come.</summary>
    public IReadOnlyList<FeedEvent> Latched(OrderLatch latch) =>
    [
        .. latch.Orders.Where(Concerns).Select(o => new FeedEvent(FeedEventKind.Control, new ControlNews(agent, o.SessionId, o.State, Position.Control, [], null), Position)),
    ];

    /// <summary>True for an order to what this connection is about.</summary>
    public bool Concerns(LatchedOrder order) => order.SessionId is { } session ? sessions?.Contains(session) ?? order.Agent == agent : order.ForAgent is null || order.ForAgent == agent;

    /// <summary>No order up to this one concerns it beyond those it was told.</summary>
    public void HeardUpTo(long seq) => Position = Position with { Control = Math.Max(Position.Control, seq) };

    /// <summary>The policy's news as far as they are in memory; null when the database must be asked.</summary>
    public async ValueTask<IReadOnlyList<FeedEvent>?> TryPolicyAsync(AgentFeeds feeds, CancellationToken cancel)
    {
        Notice(feeds);
        if (known == Position.Policy)
        {
            return [];
        }

        if (feeds.Policies.Effective(agent, known) is not { } policy)
        {
            return null;
        }

        policy = await feeds.Signatures.SignAsync(policy, cancel);
        Position = Position with { Policy = known };
        return [new FeedEvent(FeedEventKind.Policy, policy, Position)];
    }

    /// <summary>Orders to the agent and to the fleet as far as the process has seen them; null when the database must be asked.</summary>
    public IReadOnlyList<FeedEvent>? TryControl(AgentFeeds feeds)
    {
        var seen = feeds.Seen;
        var after = Position.Control;
        if (_fresh || seen.Count == 0 || seen[0].After > after)
        {
            return null;
        }

        var since = seen.Where(s => s.UpTo > after).ToList();
        if (since.Exists(s => s.ConcernsSessionsOf(agent, sessions)))
        {
            return null;
        }

        var commands = since.SelectMany(s => s.To(agent)).Where(c => c.Seq > after).Select(ControlLine.Of).ToList();
        if (since.Count == 0 || commands.Count == 0)
        {
            return [];
        }

        Position = Position with { Control = since[^1].UpTo };
        return [new FeedEvent(FeedEventKind.Control, new ControlNews(agent, null, since[^1].StateOf(agent), Position.Control, commands, since[^1].Disabled), Position)];
    }

    private async Task<FeedPosition> PolicyAsync(HandrailDb db, AgentFeeds feeds, FeedPosition position, List<FeedEvent> events, CancellationToken cancel)
    {
        Notice(feeds);
        if (known == position.Policy)
        {
            return position;
        }

        position = position with { Policy = known };
        var policy = await feeds.Policies.EffectiveAsync(db, agent, known, cancel);
        events.Add(new FeedEvent(FeedEventKind.Policy, await feeds.Signatures.SignAsync(policy, cancel), position));
        return position;
    }

    /// <summary>What the process has seen may be older than what was read when the connection began. Versions only grow.</summary>
    private void Notice(AgentFeeds feeds)
    {
        var seen = feeds.VersionsOf(agent);
        known = new LayerVersions(Math.Max(known.Fleet, seen.Fleet), Math.Max(known.Agent, seen.Agent));
    }

    private async Task<(FeedPosition Position, bool More)> ControlAsync(HandrailDb db, long upTo, FeedPosition position, List<FeedEvent> events, CancellationToken cancel)
    {
        var (after, own) = (position.Control, Scopes.Agent(agent));
        var named = sessions?.ToList();
        var mine = db.Sessions.Where(s => s.Team == team);
        mine = named is null ? mine.Where(s => s.Agent == agent) : mine.Where(s => EF.Parameter(named).Contains(s.Id));
        var commands = await db.ControlCommands
            .Where(c => c.Seq > after && (c.Scope == Scopes.Fleet || c.Scope == own || (c.Scope.StartsWith("session:") && mine.Any(s => s.Id == c.Scope.Substring(8)))))
            .OrderBy(c => c.Seq).Take(MostCommands).ToListAsync(cancel);
        var more = commands.Count == MostCommands;
        var last = more ? commands[^1].Seq : Math.Max(upTo, commands.Count > 0 ? commands[^1].Seq : after);
        var general = commands.Where(c => !c.Scope.StartsWith("session:", StringComparison.Ordinal)).ToList();
        var news = new List<ControlNews>();
        if (general.Count > 0 || _fresh)
        {
            var state = ControlQueries.Strictest(ControlState.Running, await ControlQueries.ScopeStatesAsync(db, agent, null, cancel));
            news.Add(new ControlNews(agent, null, state, Math.Max(last, after), general.ConvertAll(ControlLine.Of), await SwitchedOffReading.ReadAsync(db, cancel)));
        }

        var touched = commands.Except(general).Select(c => c.Scope["session:".Length..]).Concat(_fresh ? named ?? [] : []);
        foreach (var id in touched.Distinct(StringComparer.Ordinal))
        {
            var reading = await ControlQueries.ReadAsync(db, id, after, cancel);
            news.Add(new ControlNews(agent, reading.SessionId, reading.State, reading.Seq, [.. reading.Commands.Select(ControlLine.Of)], null));
        }

        // Only the last one says that all of them were heard.
        var moved = position with { Control = Math.Max(last, after) };
        events.AddRange(news.Select((n, i) => new FeedEvent(FeedEventKind.Control, n, i == news.Count - 1 ? moved : position)));
        return (moved, more);
    }

    private async Task<(FeedPosition Position, bool More)> DecisionsAsync(
        HandrailDb db, DateTimeOffset now, FeedPosition position, List<FeedEvent> events, CancellationToken cancel)
    {
        var from = TimeColumns.FromMicros(position.Decided) - AgentFeeds.Overlap;
        foreach (var old in _told.Where(t => t.Value.At <= from).Select(t => t.Key).ToList())
        {
            _told.Remove(old);
        }

        var mine = db.Handoffs.Where(h => h.Agent == agent && h.Team == team && h.Status != HandoffStatus.Open && h.Kind != HandoffKind.TakeOver && h.PlantedFrom == null);
        if (sessions?.ToList() is { } named)
        {
            mine = mine.Where(h => EF.Parameter(named).Contains(h.SessionId));
        }

        var (at, id, told, more) = (from, "", new List<Handoff>(), true);
        while (more && told.Count < MostDecisions)
        {
            var page = await mine.Where(h => h.DecidedAt > at || (h.DecidedAt == at && h.Id.CompareTo(id) > 0))
                .OrderBy(h => h.DecidedAt).ThenBy(h => h.Id).Take(MostDecisions).ToListAsync(cancel);
            foreach (var handoff in page.Where(h => !_told.TryGetValue(h.Id, out var before) || before.Version != h.Version))
            {
                position = position with { Decided = Math.Max(position.Decided, TimeColumns.ToMicros(handoff.DecidedAt!.Value)) };
                if (await TellAsync(db, handoff, now, position, cancel) is { } decided)
                {
                    events.Add(decided);
                }

                told.Add(handoff);
            }

            more = page.Count == MostDecisions;
            if (more)
            {
                (at, id) = (page[^1].DecidedAt!.Value, page[^1].Id);
            }
        }

        // Not before all of it was read: what a failure took back is to be told by the next reading.
        foreach (var handoff in told)
        {
            _told[handoff.Id] = (handoff.Version, handoff.DecidedAt!.Value);
        }

        return (position, more);
    }

    private static async Task<FeedEvent?> TellAsync(HandrailDb db, Handoff handoff, DateTimeOffset now, FeedPosition position, CancellationToken cancel)
    {
        if (handoff.ActionId is null)
        {
            return new FeedEvent(FeedEventKind.Handoff, HandoffAnswer.Of(handoff, now), position);
        }

        var action = await db.Actions.SingleOrDefaultAsync(a => a.SessionId == handoff.SessionId && a.ActionId == handoff.ActionId, cancel);
        return action is null ? null : new FeedEvent(FeedEventKind.Action, ActionAnswer.Of(action, now), position);
    }
}
