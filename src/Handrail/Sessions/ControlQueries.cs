using System.Collections.Concurrent;
using Handrail.Access;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Handrail.Sessions;

/// <summary>What an agent is told: the state that rules its session, and the commands it has not seen.</summary>
public sealed record ControlReading(string SessionId, ControlState State, long Seq, IReadOnlyList<ControlCommand> Commands)
{
    /// <summary>What is switched off over the whole fleet, whenever that was ordered.</summary>
    public IReadOnlyList<SwitchedOffReading> Disabled { get; init; } = [];

    /// <summary>The state is one that this process holds and that the database has not taken yet; the command is still to come.</summary>
    public bool Latched { get; init; }
}

/// <summary>A command and how far it came, for people.</summary>
/// <param name="About">What was switched off or on: <c>tool send_mail</c>; null for every other command.</param>
public sealed record CommandProgress(long Seq, string Scope, ControlKind Kind, string? Reason, string By, DateTimeOffset At, string Progress, string? About);

/// <summary>What is ordered for an agent or the fleet, for people.</summary>
public sealed record ScopeReading(string Scope, ControlState State, string? Reason, string? By, DateTimeOffset? Since);

/// <summary>What is ordered, for agents and for people.</summary>
public sealed class ControlQueries(HandrailStore store, OrderLatch latch, Hints hints, TimeProvider time, ILogger<ControlQueries> log)
{
    /// <summary>Sessions whose agent and team are remembered, for when the database can't be asked; more than a fleet runs.</summary>
    private const int MostRemembered = 50_000;

    /// <summary>An agent that was told of a latched order and asks on is answered no sooner than this: it would ask in a circle.</summary>
    private static readonly TimeSpan LatchedPace = TimeSpan.FromSeconds(1);

    /// <summary>How long an agent has to acknowledge before a command counts as not confirmed.</summary>
    public static readonly TimeSpan AcknowledgeWithin = TimeSpan.FromSeconds(10);

    /// <summary>How long an agent waits for the note that it is told: as long as an order may take on its way to it.</summary>
    private static readonly TimeSpan NoteWithin = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestNote = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (string Team, string Agent)> _remembered = new(StringComparer.Ordinal);

    /// <summary>The state that rules an agent in a session, and the agent: the session's own when none is given.</summary>
    /// <remarks>Of an agent that a latched stop rules nothing else is asked, and the agent is then null: there may be no database to ask.</remarks>
    public async Task<(ControlState State, string? Agent)> StateAsync(string sessionId, string? agent, CancellationToken cancel) =>
        latch.State(sessionId, agent) == ControlState.Stopped
            ? (ControlState.Stopped, null)
            : await store.ReadAsync(
                async db =>
                {
                    var session = await db.FindSessionAsync(sessionId, cancel);
                    var states = await ScopeStatesAsync(db, agent ?? session?.Agent, session?.Agent, cancel);
                    return (Strictest(session?.Control ?? ControlState.Running, [.. states, latch.State(session?.Id, agent, session?.Agent)]), agent ?? session?.Agent);
                },
                cancel);

    /// <summary>The state that an agent outside any session is under.</summary>
    public async Task<ControlState> AgentStateAsync(string agent, CancellationToken cancel) => latch.State(null, agent) is var latched && latched == ControlState.Stopped
        ? latched
        : await store.ReadAsync(async db => Strictest(latched, await ScopeStatesAsync(db, agent, null, cancel)), cancel);

    /// <summary>Commands after a number; holds until there is one, or the wait is over. What is given out counts as delivered.</summary>
    public async Task<ControlReading> WaitAsync(Caller caller, string sessionId, long after, TimeSpan wait, CancellationToken cancel)
    {
        if (await LatchedAsync(caller, sessionId, after, wait, cancel) is { } latched)
        {
            return latched;
        }

        var session = await store.ReadAsync(caller, db => db.FindKnownSessionAsync(caller, sessionId, cancel), cancel);
        Remember(session);
        var reading = await Waiting.UntilAsync(
            hints, time,
            [new(HintKind.Control, Scopes.Session(session.Id)), new(HintKind.Control, Scopes.Agent(session.Agent)), new(HintKind.Control, Scopes.Fleet)],
            wait,
            () => latch.State(session.Id, session.Agent) is ControlState.Stopped and var state
                ? Task.FromResult(new ControlReading(session.Id, state, after, []) { Latched = true })
                : store.ReadAsync(caller, async db => Under(await ReadAsync(db, session.Id, after, cancel), session.Agent) with { Disabled = await SwitchedOffReading.ReadAsync(db, cancel) }, cancel),
            r => r.Commands.Count > 0 || r.Latched,
            cancel);
        if (caller.Kind == CallerKind.AgentKey && reading.Commands.Count > 0)
        {
            await DeliverAsync([.. reading.Commands.Select(c => (session.Id, c.Seq))]);
        }

        return reading;
    }

    /// <summary>The same under what is latched, where that is stricter.</summary>
    private ControlReading Under(ControlReading reading, string agent) =>
        latch.State(reading.SessionId, agent) is var latched && latched > reading.State ? reading with { State = latched, Latched = true } : reading;

    /// <summary>The answer of a stop that the database has not taken, given without it; null where none is known to rule the session.</summary>
    private async Task<ControlReading?> LatchedAsync(Caller caller, string sessionId, long after, TimeSpan wait, CancellationToken cancel)
    {
        _remembered.TryGetValue(sessionId, out var known);
        if (latch.Ruling(sessionId, known.Agent) is not { State: ControlState.Stopped } order || (known.Team is not null && !caller.MaySee(known.Team, known.Agent)))
        {
            return null;
        }

        if (time.GetUtcNow() - order.At > LatchedPace && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait < LatchedPace ? wait : LatchedPace, time, cancel);
        }

        return new ControlReading(sessionId, order.State, after, []) { Latched = true };
    }

    private void Remember(Session session)
    {
        if (_remembered.Count >= MostRemembered)
        {
            _remembered.Clear();
        }

        _remembered[session.Id] = (session.Team, session.Agent);
    }

    /// <summary>What is switched off over the whole fleet.</summary>
    public Task<IReadOnlyList<SwitchedOffReading>> SwitchedOffAsync(Caller caller, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        return store.ReadAsync(caller, db => SwitchedOffReading.ReadAsync(db, cancel), cancel);
    }

    /// <summary>All commands that concern a session, newest first, and how far each came.</summary>
    /// <param name="until">As it stood at that moment; null for now.</param>
    public Task<IReadOnlyList<CommandProgress>> ProgressAsync(Caller caller, string sessionId, DateTimeOffset? until, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<CommandProgress>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            var session = await db.FindKnownSessionAsync(caller, sessionId, cancel);
            var now = until ?? time.GetUtcNow();
            var commands = await Concerning(db, session).Where(c => c.At <= now).OrderByDescending(c => c.Seq).Take(200).ToListAsync(cancel);
            var receipts = await db.ControlReceipts.Where(r => r.SessionId == session.Id).ToDictionaryAsync(r => r.Seq, cancel);
            return commands.ConvertAll(c => new CommandProgress(c.Seq, c.Scope, c.Kind, c.Reason, c.By, c.At, Progress(c, receipts.GetValueOrDefault(c.Seq), now), About(c)));
        },
        cancel);

    /// <summary>Every scope that is paused or stopped.</summary>
    public Task<IReadOnlyList<ScopeReading>> HeldScopesAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<ScopeReading>>(
        caller,
        async db =>
        {
            caller.DemandSomewhere(Permission.View);
            return await db.ScopeControls.Where(c => c.State != ControlState.Running).OrderBy(c => c.Scope)
                .Select(c => new ScopeReading(c.Scope, c.State, c.Reason, c.By, c.Since)).ToListAsync(cancel);
        },
        cancel);

    /// <summary>Stopped is stricter than taken over, that than paused.</summary>
    public static ControlState Strictest(ControlState one, IEnumerable<ControlState> others) => others.Append(one).Max();

    internal static async Task<List<ControlState>> ScopeStatesAsync(HandrailDb db, string? agent, string? other, CancellationToken cancel)
    {
        var scopes = new List<string> { Scopes.Fleet };
        scopes.AddRange(new[] { agent, other }.OfType<string>().Distinct().Select(Scopes.Agent));
        return await db.ScopeControls.Where(c => scopes.Contains(c.Scope)).Select(c => c.State).ToListAsync(cancel);
    }

    internal static IQueryable<ControlCommand> Concerning(HandrailDb db, Session session)
    {
        var (own, agent, start) = (Scopes.Session(session.Id), Scopes.Agent(session.Agent), session.ControlBase);

        // An order to the agent or the fleet that came before the session concerns it only while it holds.
        return db.ControlCommands.AsNoTracking().Where(c => c.Scope == own
            || ((c.Scope == agent || c.Scope == Scopes.Fleet)
                && (c.Seq > start || db.ScopeControls.Any(s => s.Scope == c.Scope && s.Seq == c.Seq && s.State != ControlState.Running))));
    }

    private static string Progress(ControlCommand command, ControlReceipt? receipt, DateTimeOffset now) => receipt switch
    {
        { AcknowledgedAt: { } at } when at <= now => "acknowledged",
        _ when now - command.At > AcknowledgeWithin && !IsSwitch(command.Kind) => "not_confirmed",
        { DeliveredAt: { } at } when at <= now => "delivered",
        _ => "requested",
    };

    /// <summary>The gate alone carries it out: an agent that says nothing of it has not disobeyed.</summary>
    private static bool IsSwitch(ControlKind kind) => kind is ControlKind.Disable or ControlKind.Enable;

    private static string? About(ControlCommand command) => IsSwitch(command.Kind) && JsonText.Read<Dictionary<string, string>>(command.PayloadJson) is { } payload
        ? string.Join(", ", payload.Select(p => $"{p.Key} {p.Value}"))
        : null;

    internal static async Task<ControlReading> ReadAsync(HandrailDb db, string sessionId, long after, CancellationToken cancel)
    {
        var session = await db.FindSessionAsync(sessionId, cancel) ?? throw Refusal.NotFound($"session '{sessionId}'");
        var commands = await Concerning(db, session).Where(c => c.Seq > after).OrderBy(c => c.Seq).Take(500).ToListAsync(cancel);

        // Read after the commands: an order given in between shows as a state whose command is still to come, never as a command without it.
        var own = await db.Sessions.Where(s => s.Id == session.Id).Select(s => s.Control).SingleAsync(cancel);
        var state = Strictest(own, await ScopeStatesAsync(db, session.Agent, null, cancel));
        return new ControlReading(session.Id, state, commands.Count > 0 ? commands[^1].Seq : after, commands);
    }

    /// <summary>
    /// Notes that these orders go out to an agent, so that people see them delivered. Nobody is told of an order later for the sake of the note: where the
    /// database takes it late or not at all, the agent's acknowledgement will say so.
    /// </summary>
    internal async Task DeliverAsync(IReadOnlyCollection<(string SessionId, long Seq)> told)
    {
        // SQLite waits on the thread that asks.
        var noting = Task.Run(() => NoteAsync(told));
        await Task.WhenAny(noting, Task.Delay(NoteWithin, time));
    }

    /// <summary>Never fails: an order that is there goes out.</summary>
    private async Task NoteAsync(IReadOnlyCollection<(string SessionId, long Seq)> told)
    {
        var (sessions, numbers) = (told.Select(t => t.SessionId).Distinct().ToList(), told.Select(t => t.Seq).Distinct().ToList());
        using var limit = new CancellationTokenSource(LongestNote, time);
        try
        {
            await store.WriteAsync(
                async unit =>
                {
                    var known = await unit.Db.ControlReceipts.Where(r => sessions.Contains(r.SessionId) && numbers.Contains(r.Seq)).Select(r => new { r.SessionId, r.Seq }).ToListAsync(limit.Token);
                    foreach (var (sessionId, seq) in told.Except(known.Select(r => (r.SessionId, r.Seq))).OrderBy(t => t.SessionId, StringComparer.Ordinal).ThenBy(t => t.Seq))
                    {
                        unit.Db.ControlReceipts.Add(new ControlReceipt { SessionId = sessionId, Seq = seq, DeliveredAt = unit.Now });
                        unit.Tell(HintKind.Session, sessionId);
                    }
                },
                limit.Token);
        }
        catch (Exception e) when (StorageFault.Is(e) || limit.IsCancellationRequested)
        {
            // The order goes out all the same.
        }
        catch (Exception e)
        {
            // So it does here, but this is none of the database's faults.
            log.LogError(e, "That {Orders} orders went out could not be noted, in a way that is not foreseen", told.Count);
        }
    }
}
