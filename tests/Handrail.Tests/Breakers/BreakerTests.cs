using Handrail.Costs;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Breakers;

/// <summary>Breakers run on telemetry alone: for agents that never ask the gate.</summary>
public sealed class BreakerTests
{
    [Theory, Databases]
    public async Task The_same_call_again_and_again_stops_the_session_and_asks_a_person(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SendLoopAsync(intake, 0, 5);
        Assert.Empty(await TripsAsync(intake));
        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-1")).State);

        await SendLoopAsync(intake, 5, 1);

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal(("session:s-1", "fleet", "session-loop", 6m, 5m, "s-1", "desk"), (trip.Scope, trip.Layer, trip.BreakerId, trip.Figure, trip.Threshold, trip.SessionId, trip.Agent));
        var session = await intake.SessionAsync("s-1");
        Assert.Equal((SessionState.Stopping, ControlState.Stopped, 0), (session.State, session.Control, session.OpenHandoffs));
        var command = Assert.Single(await intake.ReadAsync(db => db.ControlCommands.ToListAsync()));
        Assert.Equal((ControlKind.Stop, "session:s-1", "Handrail"), (command.Kind, command.Scope, command.By));
        var handoff = Assert.Single(await intake.ReadAsync(db => db.Handoffs.ToListAsync()));
        Assert.Equal((HandoffKind.Breaker, HandoffStatus.Open, trip.HandoffId), (handoff.Kind, handoff.Status, handoff.Id));
        Assert.Equal("Stopped after 6 identical calls of search_web: the same arguments, the same result; the limit is 5", handoff.Summary);
        Assert.Equal(["breaker.trip", "session.stop"], await ActionsAsync(intake));
    }

    [Theory, Databases]
    public async Task It_trips_once_however_long_it_goes_on_and_what_comes_twice_trips_nothing(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SendLoopAsync(intake, 0, 5);
        for (var again = 0; again < 3; again++)
        {
            await SendLoopAsync(intake, 0, 5);
        }

        Assert.Empty(await TripsAsync(intake));
        await SendLoopAsync(intake, 5, 20);
        await SendLoopAsync(intake, 25, 20);

        Assert.Single(await TripsAsync(intake));
    }

    [Theory, Databases]
    public async Task What_is_told_of_the_past_only_now_halts_nothing(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync([.. Loop(0, 12).Select(s => s with { StartedAt = s.StartedAt.AddDays(-2), EndedAt = s.EndedAt.AddDays(-2), ReportedCostUsd = 90 })]);
        await intake.LookAsync();

        Assert.Empty(await TripsAsync(intake));
    }

    [Theory, Databases]
    public async Task Threat_24_A_clock_that_is_an_hour_off_neither_trips_nor_escapes(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", StartedAt = intake.Time.GetUtcNow().AddHours(-1), EndedAt = intake.Time.GetUtcNow().AddHours(-1) });
        await intake.LookAsync();
        Assert.Empty(await TripsAsync(intake));

        intake.Time.Advance(TimeSpan.FromMinutes(31));
        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1", StartedAt = intake.Time.GetUtcNow().AddHours(-1), EndedAt = intake.Time.GetUtcNow().AddHours(-1) });
        await intake.LookAsync();

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal((BreakerMetric.ElapsedSeconds, 1860m), (trip.Metric, trip.Figure));
        Assert.Equal(SessionState.Paused, (await intake.SessionAsync("s-1")).State);
    }

    [Theory, Databases]
    public async Task Every_total_of_a_session_has_its_breaker(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        BreakerMetric[] totals =
        [
            BreakerMetric.CostUsd, BreakerMetric.Turns, BreakerMetric.Steps, BreakerMetric.LlmCalls, BreakerMetric.ToolCalls, BreakerMetric.Tokens, BreakerMetric.ContextTokens,
            BreakerMetric.Errors, BreakerMetric.ConsecutiveErrors, BreakerMetric.UnpricedCalls,
        ];
        await PublishAsync(intake, [.. totals.Select(m => new Breaker(m.Word(), BreakerScope.Session, m, m == BreakerMetric.CostUsd ? 0.015m : m is BreakerMetric.Tokens or BreakerMetric.ContextTokens ? 90 : 1, BreakerOutcome.Alert))]);

        await intake.SendAsync(
            Spans.Call(0) with { SessionId = "s-1" }, Spans.Tool(1, "a") with { SessionId = "s-1", Failed = true },
            Spans.Call(0, trace: Spans.OtherTrace) with { SessionId = "s-1", ReportedCostUsd = null, ResponseModel = "unheard-of" },
            Spans.Call(2, trace: Spans.OtherTrace) with { SessionId = "s-1", ReportedCostUsd = 0.02m, StartedAt = Spans.Noon.AddSeconds(0.5), EndedAt = Spans.Noon.AddSeconds(0.9) },
            Spans.Call(3, trace: Spans.OtherTrace) with { SessionId = "s-1", ReportedCostUsd = null, ResponseModel = "unheard-of" },
            Spans.Tool(5, "b") with { SessionId = "s-1", Failed = true }, Spans.Tool(6, "b") with { SessionId = "s-1", Failed = true });
        await intake.LookAsync();

        Assert.Equal(totals.Order(), (await TripsAsync(intake)).Select(t => t.Metric).Order());
        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-1")).State);
    }

    [Theory, Databases]
    public async Task Two_agents_that_hand_to_one_another_in_one_session_are_stopped(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        for (var i = 0; i < 7; i++)
        {
            await intake.SendAsync(Spans.Call(i, trace: $"{i + 1:x32}") with { SessionId = "s-1", AgentName = i % 2 == 0 ? "analyst" : "verifier" });
            await intake.LookAsync();
        }

        Assert.Empty(await TripsAsync(intake));
        await intake.SendAsync(Spans.Call(7, trace: $"{8:x32}") with { SessionId = "s-1", AgentName = "verifier" });
        await intake.LookAsync();

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal((BreakerMetric.PingPong, 7m), (trip.Metric, trip.Figure));
        Assert.Equal("Stopped after 7 handovers between analyst and verifier without other progress; the limit is 6", TripWords.Sentence(trip));
    }

    [Theory, Databases]
    public async Task Agents_that_answer_in_sessions_of_their_own_are_followed_by_links_and_all_stopped(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        for (var i = 0; i < 8; i++)
        {
            await intake.SendAsync(Spans.Call(i, trace: $"{i + 1:x32}") with
            {
                SessionId = $"s-{i}",
                AgentName = i % 2 == 0 ? "analyst" : "verifier",
                LinkedTraceId = i == 0 ? null : $"{i:x32}",
            });
            await intake.LookAsync();
        }

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal((BreakerMetric.PingPong, 7m, "s-7"), (trip.Metric, trip.Figure, trip.SessionId));
        Assert.Equal("s-6", (await intake.SessionAsync("s-7")).ParentSessionId);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(ControlState.Stopped, (await intake.SessionAsync($"s-{i}")).Control);
        }
    }

    [Theory, Databases]
    public async Task What_tripped_for_a_trace_moves_to_the_session_that_it_turns_out_to_be(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync([.. Enumerable.Range(1, 6).Select(i => Spans.Tool(i, "search_web", parent: 0) with { ToolArguments = "{}", ToolResult = "none" })]);
        await intake.LookAsync();
        Assert.Equal($"session:{Spans.Trace}", Assert.Single(await TripsAsync(intake)).Scope);

        await intake.SendAsync(Spans.Of(0, StepKind.Agent) with { SessionId = "s-1", AgentName = "desk" });
        await intake.SendAsync(Spans.Tool(9, "search_web", parent: 0) with { ToolArguments = "{}", ToolResult = "none" });
        await intake.LookAsync();

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal(("session:s-1", "s-1"), (trip.Scope, trip.SessionId));
        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("s-1")).Control);
        var handoff = Assert.Single(await intake.ReadAsync(db => db.Handoffs.ToListAsync()));
        Assert.Equal(("s-1", HandoffStatus.Open), (handoff.SessionId, handoff.Status));
    }

    [Theory, Databases]
    public async Task Two_processes_that_share_a_database_make_one_trip(DatabaseProvider provider)
    {
        await using var one = await Intake.OpenAsync(provider);
        await using var other = await one.BesideAsync();
        await one.SendAsync([.. Loop(0, 3)]);
        await other.SendAsync([.. Loop(3, 3)]);
        await one.SendAsync([.. Loop(6, 1)]);
        await other.SendAsync([.. Loop(7, 1)]);

        await Task.WhenAll(one.LookAsync(), other.LookAsync());

        Assert.Equal(8, Assert.Single(await TripsAsync(one)).Figure);
        Assert.Single(await one.ReadAsync(db => db.Handoffs.ToListAsync()));
        Assert.Single(await one.ReadAsync(db => db.ControlCommands.ToListAsync()));
    }

    [Theory, Databases]
    public async Task The_fleets_hour_counts_by_the_consoles_clock_pauses_the_fleet_and_slides_on(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await PublishAsync(intake, new Breaker("hour", BreakerScope.Fleet, BreakerMetric.CostUsd, 50, BreakerOutcome.Pause) { Window = TimeSpan.FromHours(1) });
        await SpendAsync(intake, 1, 30, "desk");
        intake.Time.Advance(TimeSpan.FromMinutes(62));
        await SpendAsync(intake, 2, 30, "mail");
        Assert.Empty(await TripsAsync(intake));

        intake.Time.Advance(TimeSpan.FromMinutes(5));
        await SpendAsync(intake, 3, 21, "desk");

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal(("fleet", 51m), (trip.Scope, trip.Figure));
        Assert.Equal("Paused at 51.00 USD spent by the fleet within 1 h; the limit is 50.00 USD", TripWords.Sentence(trip));
        var control = await intake.ReadAsync(db => db.ScopeControls.SingleAsync(c => c.Scope == Scopes.Fleet));
        Assert.Equal((ControlState.Paused, "Handrail"), (control.State, control.By));
        Assert.Equal(SessionState.Paused, (await intake.SessionAsync("s-2")).State);

        await DecideAsync(intake, trip, """{"choice":"resume","new_limit":80}""");
        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-2")).State);
        await SpendAsync(intake, 4, 20, "desk");
        Assert.DoesNotContain(await TripsAsync(intake), t => t.ClosedAt is null);
        await SpendAsync(intake, 5, 10, "desk");
        Assert.Equal(81, Assert.Single(await TripsAsync(intake), t => t.ClosedAt is null).Figure);
    }

    [Theory, Databases]
    public async Task Costs_that_no_span_carries_count_in_a_sessions_window_and_those_of_a_past_that_is_over_do_not(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await PublishAsync(intake, new Breaker("ten-minutes", BreakerScope.Session, BreakerMetric.CostUsd, 3, BreakerOutcome.Pause) { Window = TimeSpan.FromMinutes(10) });
        async Task CostAsync(string id, decimal amount, string currency = "USD", TimeSpan ago = default)
        {
            await intake.Get<RecordCosts>().HandleAsync(Intake.Team(), [new ReportedCost(0, id, "s-1", "tool", amount, currency) { Agent = "desk", At = intake.Time.GetUtcNow() - ago }], default);
            await intake.LookAsync();
        }

        await CostAsync("c-1", 2);
        await CostAsync("c-old", 50, ago: TimeSpan.FromHours(7));
        await CostAsync("c-eur", 50, "EUR");
        intake.Time.Advance(TimeSpan.FromMinutes(11));
        await CostAsync("c-2", 2);
        Assert.Empty(await TripsAsync(intake));

        await CostAsync("c-3", 1.5m);

        Assert.Equal(("session:s-1", 3.5m), (Assert.Single(await TripsAsync(intake)).Scope, (await TripsAsync(intake))[0].Figure));
    }

    [Theory, Databases]
    public async Task One_agents_window_pauses_that_agent_alone(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await PublishAsync(intake, new Breaker("quarter", BreakerScope.Agent, BreakerMetric.LlmCalls, 2, BreakerOutcome.Pause) { Window = TimeSpan.FromMinutes(15) });
        await SpendAsync(intake, 1, 1, "desk");
        await SpendAsync(intake, 2, 1, "mail");
        await SpendAsync(intake, 3, 1, "desk");
        Assert.Empty(await TripsAsync(intake));

        await SpendAsync(intake, 4, 1, "desk");

        Assert.Equal(("agent:desk", 3m), (Assert.Single(await TripsAsync(intake)).Scope, (await TripsAsync(intake))[0].Figure));
        Assert.Equal((SessionState.Paused, SessionState.Running), ((await intake.SessionAsync("s-1")).State, (await intake.SessionAsync("s-2")).State));
    }

    [Theory, Databases]
    public async Task A_crash_between_the_commit_and_the_look_loses_no_trip(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync([.. Loop(0, 6)]);
        Assert.Empty(await TripsAsync(intake));

        await using var restarted = await intake.BesideAsync();
        await restarted.WatchAsync();

        await Eventually.HoldsAsync("the loop trips after the restart", async () => (await TripsAsync(restarted)).Count == 1);
    }

    [Theory, Databases]
    public async Task Silence_trips_once_and_not_for_who_fell_silent_before_it_was_asked_for(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SpendAsync(intake, 1, 0, "desk");
        intake.Time.Advance(TimeSpan.FromMinutes(10));
        await PublishAsync(intake, new Breaker("quiet", BreakerScope.Session, BreakerMetric.SilenceSeconds, 120, BreakerOutcome.Alert));
        await SpendAsync(intake, 2, 0, "desk");
        intake.Time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(0, await intake.Get<SilenceBreakers>().HandleAsync(default));

        intake.Time.Advance(TimeSpan.FromSeconds(2));
        await intake.Get<SilenceBreakers>().HandleAsync(default);
        await intake.Get<SilenceBreakers>().HandleAsync(default);

        var trip = Assert.Single(await TripsAsync(intake));
        Assert.Equal(("session:s-2", 121m), (trip.Scope, trip.Figure));
        Assert.Equal("Alert at 2 min of silence; the limit is 2 min", TripWords.Sentence(trip));
    }

    [Theory, Databases]
    public async Task Minutes_put_together_to_hours_add_up_to_the_same(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await PublishAsync(intake, new Breaker("day", BreakerScope.Agent, BreakerMetric.CostUsd, 100, BreakerOutcome.Pause) { Window = TimeSpan.FromDays(1) });
        for (var i = 1; i <= 3; i++)
        {
            await intake.SendAsync(Spans.Call(i, trace: $"{i:x32}") with { SessionId = $"s-{i}", AgentName = "desk", ReportedCostUsd = 30, EndedAt = intake.Time.GetUtcNow() });
            intake.Time.Advance(TimeSpan.FromMinutes(7));
        }

        intake.Time.Advance(TimeSpan.FromHours(9));
        Assert.Equal(1, await intake.Get<TidyMinutes>().HandleAsync(default));
        Assert.Equal(0, await intake.Get<TidyMinutes>().HandleAsync(default));

        Assert.Equal((1, 90_000_000_000L), await intake.ReadAsync(async db => (await db.AgentMinutes.CountAsync(), await db.AgentMinutes.SumAsync(m => m.CostNanos))));
        await intake.SendAsync(Spans.Call(9, trace: $"{9:x32}") with { SessionId = "s-9", AgentName = "desk", ReportedCostUsd = 11, EndedAt = intake.Time.GetUtcNow() });
        await intake.LookAsync();
        Assert.Equal(101, Assert.Single(await TripsAsync(intake)).Figure);
    }

    internal static IEnumerable<Step> Loop(int first, int count) => Enumerable.Range(first, count).Select(i => Spans.Tool(i, "search_web") with
    {
        SessionId = "s-1",
        AgentName = "desk",
        ToolArguments = i % 2 == 0 ? """{"q":"opening hours","n":3}""" : """{ "n":3.0, "q":"opening hours" }""",
        ToolResult = "none",
    });

    internal static Task<List<BreakerTrip>> TripsAsync(Intake intake) => intake.ReadAsync(db => db.BreakerTrips.OrderBy(t => t.TrippedAt).ToListAsync());

    internal static Task PublishAsync(Intake intake, params Breaker[] breakers) => intake.Get<PublishPolicy>().HandleAsync(
        Intake.Person, Scopes.Fleet, JsonText.Element(new PolicyDocument { Autonomy = Autonomy.Autonomous, Breakers = [.. breakers] }.ToJson())!.Value, null, "test", CancellationToken.None);

    internal static Task DecideAsync(Intake intake, BreakerTrip trip, string answer) => intake.Get<DecideHandoff>().HandleAsync(
        Intake.Person, trip.HandoffId, new HandoffDecision(DecisionKind.Answer) { Answer = JsonText.Element(answer) }, null, CancellationToken.None);

    private static async Task SendLoopAsync(Intake intake, int first, int count)
    {
        foreach (var step in Loop(first, count))
        {
            await intake.SendAsync(step);
            await intake.LookAsync();
        }
    }

    private static async Task SpendAsync(Intake intake, int number, decimal usd, string agent)
    {
        await intake.SendAsync(Spans.Call(number, trace: $"{number:x32}") with { SessionId = $"s-{number}", AgentName = agent, ReportedCostUsd = usd });
        await intake.LookAsync();
    }

    private static async Task<IReadOnlyList<string>> ActionsAsync(Intake intake) =>
        [.. (await intake.ReadAsync(db => db.AuditRecords.Where(r => r.Act.StartsWith("breaker") || r.Act.StartsWith("session")).Select(r => r.Act).ToListAsync())).Order()];
}
