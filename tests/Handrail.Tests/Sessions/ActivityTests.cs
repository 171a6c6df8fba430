using Handrail.Actions;
using Handrail.Ingest;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Handrail.Sessions;

/// <summary>What sessions are said to be at, from what is stored of them, on both databases.</summary>
public sealed class ActivityTests
{
    private static readonly TimeSpan Silent = ActivityEvidence.Quiet + TimeSpan.FromSeconds(1);

    [Theory, Databases]
    public async Task Spans_tell_an_open_call_from_a_complete_turn_in_whatever_order_they_come(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1, parent: 0) with { SessionId = "s-1" });
        Assert.Equal(SessionActivity.Working, (await intake.SessionAsync("s-1")).Activity);
        intake.Time.Advance(Silent);
        Assert.Equal((SessionActivity.InCall, SessionPending.Tool), await AtAsync(intake, "s-1"));

        await intake.SendAsync(Spans.Tool(2, "lookup", parent: 0));
        intake.Time.Advance(Silent);
        Assert.Equal((SessionActivity.InCall, SessionPending.Model), await AtAsync(intake, "s-1"));
        intake.Time.Advance(ActivityEvidence.CallAtMost);
        Assert.Equal(SessionActivity.Silent, (await intake.SessionAsync("s-1")).Activity);

        await intake.SendAsync(Spans.Of(0, StepKind.Agent) with { EndedAt = Spans.Noon.AddSeconds(9) });
        intake.Time.Advance(Silent);
        Assert.Equal((SessionActivity.BetweenTurns, SessionPending.Nothing), await AtAsync(intake, "s-1"));

        // A span of the past that comes late does not open the turn that has come after it.
        await intake.SendAsync(Spans.Call(3, parent: 90, trace: Spans.OtherTrace) with { SessionId = "s-1", StartedAt = Spans.Noon.AddHours(-1), EndedAt = Spans.Noon.AddMinutes(-59) });
        intake.Time.Advance(Silent);
        Assert.Equal(SessionActivity.BetweenTurns, (await intake.SessionAsync("s-1")).Activity);
    }

    [Theory, Databases]
    public async Task A_claimed_call_is_open_until_its_report_is_due(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SaveAsync(intake, Session(intake, "s-1"), Claimed(intake, "s-1"));
        intake.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(SessionActivity.InCall, (await intake.SessionAsync("s-1")).Activity);

        intake.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(SessionActivity.Silent, (await intake.SessionAsync("s-1")).Activity);
    }

    [Theory, Databases]
    public async Task A_parent_waits_for_whoever_is_under_way_below_it_and_is_not_lost_before_them(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SaveAsync(
            intake, Session(intake, "top"), Session(intake, "middle", parent: "top"), Session(intake, "leaf", parent: "middle", waits: true),
            Session(intake, "alone"), Session(intake, "done", parent: "alone", ended: true), Session(intake, "stranger", parent: "alone", team: "others"));
        intake.Time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal(
            [("alone", SessionActivity.Silent), ("done", SessionActivity.Over), ("leaf", SessionActivity.Waiting), ("middle", SessionActivity.OnChild), ("stranger", SessionActivity.Silent), ("top", SessionActivity.OnChild)],
            await AllAsync(intake));
        Assert.Equal(2, await intake.Get<LoseSilentSessions>().HandleAsync(default));
        Assert.Equal((SessionState.Lost, SessionState.Running, SessionState.Running), ((await intake.SessionAsync("alone")).State, (await intake.SessionAsync("middle")).State, (await intake.SessionAsync("top")).State));

        await EndAsync(intake, "leaf");
        Assert.Equal(1, await intake.Get<LoseSilentSessions>().HandleAsync(default));
        Assert.Equal(1, await intake.Get<LoseSilentSessions>().HandleAsync(default));
        Assert.Equal([SessionActivity.Lost, SessionActivity.Lost], (await AllAsync(intake)).Where(s => s.Id is "middle" or "top").Select(s => s.Activity));
    }

    [Theory, Databases]
    public async Task Sessions_that_say_they_are_each_other_s_parents_wait_for_nobody(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SaveAsync(intake, Session(intake, "a", parent: "b"), Session(intake, "b", parent: "a"), Session(intake, "c", parent: "c"));
        intake.Time.Advance(Silent);

        Assert.All(await AllAsync(intake), s => Assert.Equal(SessionActivity.Silent, s.Activity));
    }

    [Theory, Databases]
    public async Task A_process_that_gives_signs_of_life_is_not_lost_and_what_was_lost_is_found_by_one(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Tool(1, "build", parent: 0) with { SessionId = "s-1" });
        await intake.SendAsync(Spans.Tool(2, "build", parent: 0, trace: Spans.OtherTrace) with { SessionId = "s-2" });
        var heartbeats = intake.Get<Heartbeats>();
        intake.Time.Advance(TimeSpan.FromMinutes(9.5));
        heartbeats.Note(Intake.Team(), "s-1");
        heartbeats.Note(Intake.Team(), "nobody");
        heartbeats.Note(Intake.Team("others"), "s-2");
        Assert.Equal(1, await heartbeats.WriteAsync(default));
        heartbeats.Note(Intake.Team(), "s-1");
        Assert.Equal(0, await heartbeats.WriteAsync(default));

        intake.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, await intake.Get<LoseSilentSessions>().HandleAsync(default));
        Assert.Equal([("s-1", SessionActivity.InCall), ("s-2", SessionActivity.Lost)], await AllAsync(intake));

        heartbeats.Note(Intake.Team(), "s-2");
        Assert.Equal(1, await heartbeats.WriteAsync(default));
        Assert.Equal((SessionState.Running, SessionActivity.InCall), ((await intake.SessionAsync("s-2")).State, (await intake.SessionAsync("s-2")).Activity));
    }

    [Theory, Databases]
    public async Task Metrics_that_name_a_session_are_a_sign_of_life(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1" });
        await intake.Get<RecordMetrics>().HandleAsync(
            Intake.Team(), [new MetricPoint("claude-code", null, "s-1", "claude_code.token.usage", null, "{}", MetricKind.Cumulative, null, Spans.Noon, 1, null)], default);

        Assert.Equal(1, await intake.Get<Heartbeats>().WriteAsync(default));
        Assert.Equal(intake.Time.GetUtcNow(), (await intake.SessionAsync("s-1")).HeartbeatAt);
    }

    [Theory, Databases]
    public async Task Who_has_not_acknowledged_in_time_is_marked_in_the_list_and_told_from_one_who_goes_on(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SaveAsync(intake, Session(intake, "obeys"), Session(intake, "quiet"), Session(intake, "goes on"), Session(intake, "free"));
        foreach (var id in new[] { "obeys", "quiet", "goes on" })
        {
            await intake.Get<ControlSession>().HandleAsync(Intake.Person, id, ControlKind.Pause, "look", null, null, default);
        }

        await intake.Store.WriteAsync(
            async unit =>
            {
                var seq = await unit.Db.ControlCommands.Where(c => c.Scope == Scopes.Session("obeys")).Select(c => c.Seq).SingleAsync();
                unit.Db.ControlReceipts.Add(new ControlReceipt { SessionId = "obeys", Seq = seq, AcknowledgedAt = unit.Now });
            },
            default);
        Assert.All(await LinesAsync(intake), l => Assert.Equal(Obedience.Obeys, l.Obedience));

        intake.Time.Advance(ControlQueries.AcknowledgeWithin + TimeSpan.FromSeconds(1));
        await intake.Store.WriteAsync(async unit => (await unit.Db.Sessions.AsTracking().SingleAsync(s => s.Id == "goes on")).Touch(unit.Now), default);

        Assert.Equal(
            [("free", Obedience.Obeys), ("goes on", Obedience.NotObeying), ("obeys", Obedience.Obeys), ("quiet", Obedience.NotConfirmed)],
            (await LinesAsync(intake)).Select(l => (l.Id, l.Obedience)));
    }

    [Theory, Databases]
    public async Task A_list_of_many_takes_as_many_statements_as_a_list_of_one(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var statements = new Statements();
        intake.Get<ILoggerFactory>().AddProvider(statements);
        await SaveAsync(intake, [Session(intake, "p-0"), Session(intake, "c-0", parent: "p-0"), Claimed(intake, "c-0")]);
        intake.Time.Advance(Silent);
        var one = await statements.CountAsync(() => LinesAsync(intake));
        await SaveAsync(intake, [.. Enumerable.Range(1, 400).SelectMany(i => new object[] { Session(intake, $"p-{i}", ago: Silent), Session(intake, $"c-{i}", parent: $"p-{i}", ago: Silent), Claimed(intake, $"c-{i}") })]);

        Assert.True(one > 1, $"{one} statements were seen");
        Assert.Equal(one, await statements.CountAsync(() => LinesAsync(intake)));
        Assert.All(await LinesAsync(intake), l => Assert.Equal(l.Id[0] == 'p' ? SessionActivity.OnChild : SessionActivity.InCall, l.Activity));
    }

    [Theory, Databases]
    public async Task A_list_is_narrowed_by_what_sessions_are_at_whatever_each_follows_from(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SaveAsync(
            intake, Session(intake, "top"), Session(intake, "child", parent: "top", waits: true), Session(intake, "alone"), Session(intake, "calls"), Claimed(intake, "calls"),
            Session(intake, "done", ended: true), Session(intake, "twice", parent: "top"));
        intake.Time.Advance(Silent);
        await SaveAsync(intake, Session(intake, "busy"));
        await intake.Get<ControlSession>().HandleAsync(Intake.Person, "twice", ControlKind.Pause, "look", null, null, default);

        foreach (var activity in Enum.GetValues<SessionActivity>())
        {
            var all = await AllAsync(intake);
            Assert.Equal(all.Where(s => s.Activity == activity).Select(s => s.Id), await NarrowedAsync(activity));
        }

        Assert.Equal(["alone"], await NarrowedAsync(SessionActivity.Silent));
        Assert.Equal(["alone", "busy", "calls", "child", "done", "top", "twice"], await NarrowedAsync(Enum.GetValues<SessionActivity>()));
        Assert.Equal(["busy", "calls", "twice"], await NarrowedAsync(SessionActivity.InCall, SessionActivity.Working, SessionActivity.Held));

        async Task<IEnumerable<string>> NarrowedAsync(params SessionActivity[] activities)
        {
            var filter = new SessionFilter { Activities = activities };
            var page = (await intake.Sessions.ListAsync(Intake.Person, filter, SessionSort.StartedAt, null, 100, default)).Items.Select(s => s.SessionId).Order(StringComparer.Ordinal).ToList();
            var again = await intake.Sessions.LinesAsync(Intake.Person, filter, ["alone", "busy", "calls", "child", "done", "top", "twice"], default);
            Assert.Equal(page, again.Select(l => l.Id).Order(StringComparer.Ordinal));
            return page;
        }
    }

    private static async Task<(SessionActivity?, SessionPending?)> AtAsync(Intake intake, string id)
    {
        var session = await intake.SessionAsync(id);
        return (session.Activity, session.Pending);
    }

    private static async Task<List<SessionLine>> LinesAsync(Intake intake) =>
        [.. (await intake.Sessions.LinesAsync(Intake.Person, new SessionFilter(), SessionSort.StartedAt, 1_000, default)).Lines.OrderBy(l => l.Id, StringComparer.Ordinal)];

    private static async Task<List<(string Id, SessionActivity Activity)>> AllAsync(Intake intake) => (await LinesAsync(intake)).ConvertAll(l => (l.Id, l.Activity));

    private static Task SaveAsync(Intake intake, params object[] rows) => intake.Store.WriteAsync(
        unit =>
        {
            unit.Db.AddRange(rows);
            return Task.CompletedTask;
        },
        default);

    private static Task EndAsync(Intake intake, string id) => intake.Store.WriteAsync(
        async unit =>
        {
            var session = await unit.Db.Sessions.AsTracking().SingleAsync(s => s.Id == id);
            (session.EndedAt, session.OpenHandoffs) = (unit.Now, 0);
            session.Restate();
        },
        default);

    private static Session Session(Intake intake, string id, string? parent = null, string team = "ops", bool waits = false, bool ended = false, TimeSpan ago = default)
    {
        var at = intake.Time.GetUtcNow() - ago;
        var session = new Session
        {
            Id = id, Team = team, Agent = "desk", ParentSessionId = parent, OpenHandoffs = waits ? 1 : 0, StartedAt = at, LastActivityAt = at, EndedAt = ended ? at : null,
        };
        session.Restate();
        return session;
    }

    private static GatedAction Claimed(Intake intake, string session) => new()
    {
        SessionId = session, ActionId = "a-1", Digest = "", Team = "ops", Agent = "desk", Type = "mail.send", Risk = "external", Verdict = Verdict.Allow, Status = ActionStatus.Allowed, ReasonsJson = "[]",
        PolicyVersion = "1.0", FactsJson = "{}", Execution = ActionExecution.Claimed, RequestedAt = intake.Time.GetUtcNow(), ReportBy = intake.Time.GetUtcNow().AddMinutes(10),
    };

    /// <summary>Counts the statements that the store sends while something is done.</summary>
    private sealed class Statements : ILoggerProvider, ILogger
    {
        private int _count;

        public async Task<int> CountAsync(Func<Task> work)
        {
            Interlocked.Exchange(ref _count, 0);
            await work();
            return _count;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name?.EndsWith("CommandExecuted", StringComparison.Ordinal) == true)
            {
                Interlocked.Increment(ref _count);
            }
        }

        public void Dispose()
        {
        }
    }
}
