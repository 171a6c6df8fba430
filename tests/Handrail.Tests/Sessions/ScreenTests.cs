using Handrail.Access;
using Handrail.Actions;
using Handrail.Agents;
using Handrail.Costs;
using Handrail.Handoffs;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Handrail.Sessions;

/// <summary>What the live pages read, on both databases.</summary>
public sealed class ScreenTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 15, 0, TimeSpan.Zero);

    [Theory, Databases]
    public async Task The_fleet_is_counted_by_state_and_agent(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);
        await house.SaveAsync(
            Agent("desk"), Agent("Alpha"),
            Session("a"), Session("b", SessionState.Waiting), Session("c", SessionState.Completed),
            Session("d", SessionState.Lost), Session("e", SessionState.Lost, active: Now.AddDays(-2)),
            Session("f", movedTo: "a"), Session("g", SessionState.Paused, "Alpha"),
            Handoff("h1", Now.AddMinutes(-30)), Handoff("h2", Now.AddMinutes(-50)), Handoff("h3", Now.AddMinutes(-90), HandoffStatus.Approved));

        var fleet = await house.Fleet.ReadAsync(Caller.System, Now.AddHours(-12), default);

        Assert.Equal((1, 1, 1, 1), (fleet.In(SessionState.Running), fleet.In(SessionState.Waiting), fleet.In(SessionState.Paused), fleet.In(SessionState.Lost)));
        Assert.Equal(0, fleet.In(SessionState.Completed));
        Assert.Equal((2, Now.AddMinutes(-50)), (fleet.OpenHandoffs, fleet.OldestHandoffAt));
        Assert.Equal(["Alpha", "desk"], fleet.Agents.Select(a => a.Agent));
        Assert.Equal((1, 0), (fleet.Agents[0].In(SessionState.Paused), fleet.Agents[0].In(SessionState.Running)));
        Assert.Equal((Autonomy.Suggest, false), (fleet.Agents[1].Level, fleet.Agents[1].LevelVaries));
        Assert.False(fleet.Untouched);
    }

    [Theory, Databases]
    public async Task Burn_is_the_last_sixty_minutes_and_today_begins_where_the_person_sits(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);
        await house.SaveAsync(
            Agent("desk"), Cost(Now.AddMinutes(-15), 100), Cost(Now.AddMinutes(-75), 400), Cost(Now.AddMinutes(-135), 7), Cost(Now.AddMinutes(-15).AddHours(-23), 1_000));

        // A quarter past the hour: three quarters of the hour before are within the last sixty minutes.
        var fleet = await house.Fleet.ReadAsync(Caller.System, new DateTimeOffset(2026, 5, 1, 13, 0, 0, TimeSpan.FromHours(2)), default);

        Assert.Equal(100 + 300, fleet.BurnNanos);
        Assert.Equal(100 + 400, fleet.TodayNanos);
        Assert.Equal((24, 100L, 400L, 7L, 1_000L), (fleet.Hours.Count, fleet.Hours[^1], fleet.Hours[^2], fleet.Hours[^3], fleet.Hours[0]));
        Assert.Equal(400, fleet.Agents[0].BurnNanos);
    }

    [Theory, Databases]
    public async Task A_fresh_console_says_that_nothing_has_come(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);

        Assert.True((await house.Fleet.ReadAsync(Caller.System, Now, default)).Untouched);
    }

    [Theory, Databases]
    public async Task Errors_are_those_of_the_agent_that_made_the_calls_whosever_session_they_are_in(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);
        var hour = Now.AddMinutes(-Now.Minute);
        var (model, tool, before, old) = (Cost(hour, 1), Cost(hour, 0, "lookup"), Cost(hour.AddHours(-1), 1), Cost(hour.AddHours(-2), 1));
        (model.Agent, tool.Agent, before.Agent, old.Agent) = ("clerk", "clerk", "clerk", "clerk");
        (model.Calls, tool.Calls, tool.Errors, before.Calls, before.Errors, old.Calls, old.Errors) = (4, 3, 1, 3, 1, 9, 9);
        await house.SaveAsync(Agent("desk"), Agent("clerk"), Session("a"), model, tool, before, old);

        var cards = (await house.Fleet.ReadAsync(Caller.System, Now, default)).Agents;

        Assert.Equal([("clerk", 2, 10), ("desk", 0, 0)], cards.Select(c => (c.Agent, c.Errors, c.Calls)));
    }

    [Theory, Databases]
    public async Task Lines_come_in_their_order_and_say_whether_there_are_more(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);
        var dear = Session("dear", active: Now.AddHours(-1));
        (dear.CostNanos, dear.Title) = (9, "Größe");
        await house.SaveAsync(dear, Session("a"), Session("b", SessionState.Lost), Session("old", movedTo: "a"));

        var lines = await house.Sessions.LinesAsync(Caller.System, new SessionFilter(), SessionSort.CostUsd, most: 2, default);

        Assert.Equal(("dear", 2, true), (lines.Lines[0].Id, lines.Lines.Count, lines.More));
        Assert.Equal(["b"], (await house.Sessions.LinesAsync(Caller.System, new SessionFilter { States = [SessionState.Lost] }, SessionSort.StartedAt, 10, default)).Lines.Select(l => l.Id));
        Assert.Equal(["dear"], (await house.Sessions.LinesAsync(Caller.System, new SessionFilter { Text = "DEA" }, SessionSort.StartedAt, 10, default)).Lines.Select(l => l.Id));
        Assert.Equal(["a", "b"], (await house.Sessions.LinesAsync(Caller.System, ["a", "b", "gone"], default)).Select(l => l.Id).Order());
    }

    [Theory, Databases]
    public async Task A_views_ids_come_in_its_order_and_what_began_since_is_told_from_it(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);
        await house.SaveAsync(Session("a", active: Now.AddHours(-3)), Session("b", SessionState.Lost), Session("c"), Session("old", movedTo: "a"));
        var all = new SessionFilter();

        var ids = await house.Sessions.IdsAsync(Caller.System, all, SessionSort.StartedAt, 10, default);
        Assert.Equal(["c", "b", "a"], ids);
        Assert.False(ids.More);
        Assert.True((await house.Sessions.IdsAsync(Caller.System, all, SessionSort.StartedAt, 2, default)).More);
        var newest = Assert.Single(await house.Sessions.BegunAsync(Caller.System, all, null, 1, default));
        Assert.Equal("c", newest.Id);

        await house.SaveAsync(Session("d"), Session("e", active: Now.AddHours(1)), Session("f", SessionState.Lost, active: Now.AddHours(1)));

        Assert.Equal(["f", "e", "d"], (await house.Sessions.BegunAsync(Caller.System, all, newest, 10, default)).Select(s => s.Id));
        Assert.Equal(["f"], (await house.Sessions.BegunAsync(Caller.System, new SessionFilter { States = [SessionState.Lost] }, newest, 10, default)).Select(s => s.Id));
        Assert.Equal(["b"], (await house.Sessions.LinesAsync(Caller.System, new SessionFilter { States = [SessionState.Lost] }, ["a", "b", "gone"], default)).Select(l => l.Id));
    }

    [Theory, Databases]
    public async Task A_sessions_screen_gathers_steps_tools_children_and_what_holds_it(DatabaseProvider provider)
    {
        await using var house = await House.OpenAsync(provider);
        var (session, child) = (Session("s"), Session("child"));
        (session.Steps, session.FirstReceivedAt, child.ParentSessionId) = (SessionScreens.MostSteps + 2, Now, "s");
        await house.SaveAsync(
            [Agent("desk"), session, child, new SessionTool { SessionId = "s", Tool = "read_email", FirstUsedAt = Now },
             new ScopeControl { Scope = "agent:desk", State = ControlState.Paused, By = "anna@example.com", Since = Now, Seq = 1 },
             new ScopeControl { Scope = "agent:other", State = ControlState.Paused, By = "anna@example.com", Since = Now, Seq = 2 },
             .. Enumerable.Range(0, SessionScreens.MostSteps + 2).Select(Step)]);

        var screen = await house.Screens.ReadAsync(Caller.System, "s", until: null, default);

        Assert.Equal((2, SessionScreens.MostSteps, "step 2"), (screen.Earlier, screen.Steps.Count, screen.Steps[0].Name));
        Assert.Equal(["child"], screen.Children);
        Assert.Equal(["read_email"], screen.Tools.Select(t => t.Tool));
        Assert.Equal(["agent:desk"], screen.Held.Select(h => h.Scope));
    }

    private static Agent Agent(string name) => new() { Name = name, Team = "default", FirstSeenAt = Now, LastSeenAt = Now };

    private static Session Session(string id, SessionState state = SessionState.Running, string agent = "desk", DateTimeOffset? active = null, string? movedTo = null) => new()
    {
        Id = id,
        Team = "default",
        Agent = agent,
        State = state,
        MovedTo = movedTo,
        StartedAt = (active ?? Now).AddHours(-1),
        LastActivityAt = active ?? Now,
    };

    private static Handoff Handoff(string id, DateTimeOffset opened, HandoffStatus status = HandoffStatus.Open) =>
        new() { Id = id, Team = "default", SessionId = "b", Agent = "desk", ReasonsJson = "[]", OpenedAt = opened, Status = status };

    private static HourlyCost Cost(DateTimeOffset hour, long nanos, string source = "m") => new() { Hour = hour, Agent = "desk", Kind = HourlyCost.Model, Source = source, CostNanos = nanos };

    private static StepRow Step(int number) => new()
    {
        TraceId = "t",
        SpanId = $"{number:x16}",
        SessionId = "s",
        Kind = StepKind.Tool,
        Name = $"step {number}",
        StartedAt = Now.AddSeconds(number - 10_000),
        EndedAt = Now.AddSeconds(number - 9_999),
        ReceivedAt = Now,
    };

    private sealed class House(TestDatabase database, ServiceProvider services) : IAsyncDisposable
    {
        public FleetQueries Fleet => services.GetRequiredService<FleetQueries>();

        public SessionQueries Sessions => services.GetRequiredService<SessionQueries>();

        public SessionScreens Screens => services.GetRequiredService<SessionScreens>();

        public static async Task<House> OpenAsync(DatabaseProvider provider)
        {
            var database = await TestDatabase.CreateAsync(provider);
            var services = new ServiceCollection();
            services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
            services.AddHandrailStore(database.Settings);
            services.AddSingleton<StepDays>().AddSingleton(PriceTable.BuiltIn);
            services.AddSingleton<PolicySnapshots>().AddSingleton<PolicyQueries>().AddSingleton<PublishPolicy>().AddSingleton<FirstPolicy>();
            services.AddLogging().AddSingleton<FleetQueries>().AddSingleton<SessionQueries>().AddSingleton<StepQueries>().AddSingleton<ActionQueries>().AddSingleton(new LatchSettings(null)).AddSingleton<OrderLatch>().AddSingleton<ControlQueries>().AddSingleton<ObedienceQueries>().AddSingleton<SessionScreens>();
            var built = services.BuildServiceProvider();
            await built.GetRequiredService<FirstPolicy>().HandleAsync(default);
            await built.GetRequiredService<StepDays>().EnsureAsync(Now, default);
            return new House(database, built);
        }

        public Task SaveAsync(params object[] rows) => services.GetRequiredService<HandrailStore>().WriteAsync(
            unit =>
            {
                unit.Db.AddRange(rows);
                return Task.CompletedTask;
            },
            default);

        public async ValueTask DisposeAsync()
        {
            await services.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}
