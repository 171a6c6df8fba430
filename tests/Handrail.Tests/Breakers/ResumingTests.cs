using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Ingest;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Breakers;

/// <summary>What a person makes of a trip.</summary>
public sealed class ResumingTests
{
    private static readonly Breaker Cost = new("cost", BreakerScope.Session, BreakerMetric.CostUsd, 2, BreakerOutcome.Pause);

    [Theory, Databases]
    public async Task A_new_limit_lets_the_session_go_on_up_to_that(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var trip = await SpendOverAsync(intake, Cost);
        Assert.Equal(SessionState.Paused, (await intake.SessionAsync("s-1")).State);

        var tooLow = await Assert.ThrowsAsync<Refusal>(() => BreakerTests.DecideAsync(intake, trip, """{"choice":"resume","new_limit":2.5}"""));
        await BreakerTests.DecideAsync(intake, trip, """{"choice":"resume","new_limit":4}""");

        Assert.Contains("answer.new_limit", tooLow.Errors.Keys);
        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-1")).State);
        await SpendAsync(intake, 2, 1.5m);
        Assert.Equal((4m, "resume", "ann@example.com"), Assert.Single(await BreakerTests.TripsAsync(intake)) is var one ? (one.NewLimit, one.Choice, one.ClosedBy) : default);
        await SpendAsync(intake, 3, 0.01m);
        Assert.Equal(4.01m, Assert.Single(await BreakerTests.TripsAsync(intake), t => t.ClosedAt is null).Figure);
    }

    [Theory, Databases]
    public async Task Without_a_new_limit_as_much_may_be_spent_again(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await BreakerTests.DecideAsync(intake, await SpendOverAsync(intake, Cost), """{"choice":"resume"}""");

        await SpendAsync(intake, 2, 1.99m);
        Assert.DoesNotContain(await BreakerTests.TripsAsync(intake), t => t.ClosedAt is null);
        await SpendAsync(intake, 3, 0.02m);

        Assert.Equal(4.51m, Assert.Single(await BreakerTests.TripsAsync(intake), t => t.ClosedAt is null).Figure);
    }

    [Theory, Databases]
    public async Task The_ordinary_resume_button_resumes_the_breaker_too_and_resolves_its_handoff(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var trip = await SpendOverAsync(intake, Cost);

        await intake.Get<ControlSession>().HandleAsync(Intake.Person, "s-1", ControlKind.Resume, "go on", null, null, default);

        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-1")).State);
        Assert.NotNull(Assert.Single(await BreakerTests.TripsAsync(intake)).ClosedAt);
        var handoff = await intake.ReadAsync(db => db.Handoffs.SingleAsync(h => h.Id == trip.HandoffId));
        Assert.Equal((HandoffStatus.Resolved, "ann@example.com"), (handoff.Status, handoff.DecidedBy));
        await SpendAsync(intake, 2, 0.1m);
        Assert.Single(await BreakerTests.TripsAsync(intake));
    }

    [Theory, Databases]
    public async Task What_a_breaker_stopped_goes_on_when_a_person_resumes_it_and_counts_the_loop_anew(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync([.. BreakerTests.Loop(0, 6)]);
        await intake.LookAsync();
        var trip = Assert.Single(await BreakerTests.TripsAsync(intake));
        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("s-1")).Control);

        intake.Time.Advance(TimeSpan.FromSeconds(1));
        await BreakerTests.DecideAsync(intake, trip, """{"choice":"resume"}""");

        Assert.Equal((SessionState.Running, ControlState.Running), await intake.SessionAsync("s-1") is var session ? (session.State, session.Control) : default);
        Assert.Equal([ControlKind.Stop, ControlKind.Resume], (await intake.ReadAsync(db => db.ControlCommands.OrderBy(c => c.Seq).ToListAsync())).Select(c => c.Kind));
        intake.Time.Advance(TimeSpan.FromSeconds(1));
        await intake.SendAsync([.. BreakerTests.Loop(10, 5)]);
        await intake.LookAsync();
        Assert.Single(await BreakerTests.TripsAsync(intake));
        await intake.SendAsync([.. BreakerTests.Loop(20, 1)]);
        await intake.LookAsync();
        Assert.Equal(6, Assert.Single(await BreakerTests.TripsAsync(intake), t => t.ClosedAt is null).Figure);
    }

    [Theory, Databases]
    public async Task What_was_stopped_with_it_goes_on_with_it_but_not_what_was_stopped_by_itself(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync([.. BreakerTests.Loop(0, 5)]);
        var trace = await intake.ReadAsync(db => db.Traces.Select(t => t.TraceId).FirstAsync());
        await intake.SendAsync(Spans.Call(40, trace: $"{40:x32}") with { SessionId = "child", LinkedTraceId = trace });
        await intake.SendAsync(Spans.Call(41, trace: $"{41:x32}") with { SessionId = "stopped", LinkedTraceId = trace });
        await intake.Get<ControlSession>().HandleAsync(Intake.Person, "stopped", ControlKind.Stop, "enough", null, null, default);
        await intake.SendAsync([.. BreakerTests.Loop(5, 1)]);
        await intake.LookAsync();
        var trip = Assert.Single(await BreakerTests.TripsAsync(intake));
        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("child")).Control);

        await BreakerTests.DecideAsync(intake, trip, """{"choice":"resume"}""");

        Assert.Equal(ControlState.Running, (await intake.SessionAsync("s-1")).Control);
        Assert.Equal(ControlState.Running, (await intake.SessionAsync("child")).Control);
        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("stopped")).Control);
    }

    [Theory, Databases]
    public async Task What_a_person_stopped_stays_stopped_whatever_is_answered_later(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var trip = await SpendOverAsync(intake, Cost);
        await intake.Get<ControlSession>().HandleAsync(Intake.Person, "s-1", ControlKind.Stop, "enough", null, null, default);

        var late = await Assert.ThrowsAsync<Refusal>(() => BreakerTests.DecideAsync(intake, trip, """{"choice":"resume","new_limit":9}"""));

        Assert.Equal(RefusalKind.Conflict, late.Kind);
        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("s-1")).Control);
    }

    [Theory, Databases]
    public async Task Two_breakers_have_to_be_resumed_both(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SpendOverAsync(intake, Cost, Cost with { Id = "calls", Metric = BreakerMetric.LlmCalls, Threshold = 0.5m });
        var trips = await BreakerTests.TripsAsync(intake);

        await BreakerTests.DecideAsync(intake, trips[0], """{"choice":"resume","new_limit":90}""");
        Assert.Equal(SessionState.Paused, (await intake.SessionAsync("s-1")).State);
        await BreakerTests.DecideAsync(intake, trips[1], """{"choice":"resume","new_limit":90}""");

        Assert.Equal(SessionState.Running, (await intake.SessionAsync("s-1")).State);
    }

    [Theory, Databases]
    public async Task Taken_over_it_is_a_persons_until_it_is_handed_back_which_resumes_it(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var trip = await SpendOverAsync(intake, Cost with { Then = BreakerOutcome.Stop });

        await BreakerTests.DecideAsync(intake, trip, """{"choice":"take_over"}""");
        Assert.Equal((ControlState.TakenOver, "ann@example.com"), await intake.SessionAsync("s-1") is var held ? (held.Control, held.TakenOverBy) : default);
        Assert.Null(Assert.Single(await BreakerTests.TripsAsync(intake)).ClosedAt);
        await intake.Get<ControlSession>().HandleAsync(Intake.Person, "s-1", ControlKind.HandBack, null, null, null, default);

        Assert.Equal(ControlState.Running, (await intake.SessionAsync("s-1")).Control);
        Assert.Equal(4.51m, Assert.Single(await BreakerTests.TripsAsync(intake)) is { ClosedAt: not null } closed ? closed.NewLimit + 0.01m : null);
    }

    [Theory, Databases]
    public async Task Stopped_by_a_person_it_is_closed_for_good(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var trip = await SpendOverAsync(intake, Cost);

        await BreakerTests.DecideAsync(intake, trip, """{"choice":"stop"}""");

        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("s-1")).Control);
        Assert.Equal("stop", Assert.Single(await BreakerTests.TripsAsync(intake), t => t.ClosedAt is not null).Choice);
        await SpendAsync(intake, 2, 5);
        Assert.Single(await BreakerTests.TripsAsync(intake));
    }

    [Theory]
    [InlineData("""{"choice":"go"}""", "answer.choice")]
    [InlineData("""{}""", "answer.choice")]
    [InlineData("\"resume\"", "answer")]
    [InlineData("""{"choice":"resume","new_limit":"4"}""", "answer.new_limit")]
    [InlineData("""{"choice":"resume","new_limit":-1}""", "answer.new_limit")]
    [InlineData("""{"choice":"stop","new_limit":4}""", "answer.new_limit")]
    public void An_answer_that_is_none_is_refused_by_the_member_that_is_wrong(string answer, string member) =>
        Assert.Contains(member, Assert.Throws<Refusal>(() => TripDecision.Read(JsonText.Element(answer)!.Value)).Errors.Keys);

    [Theory, Databases]
    public async Task On_call_may_decide_on_it_and_who_may_only_look_may_not(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var trip = await SpendOverAsync(intake, Cost);
        var decision = new HandoffDecision(DecisionKind.Answer) { Answer = JsonText.Element("""{"choice":"resume","new_limit":9}""") };

        var refused = await Assert.ThrowsAsync<Refusal>(() => intake.Get<DecideHandoff>().HandleAsync(With(Permissions.Viewer), trip.HandoffId, decision, null, default));
        await intake.Get<DecideHandoff>().HandleAsync(With(Permissions.OnCall), trip.HandoffId, decision, null, default);

        Assert.Equal(RefusalKind.NotAllowed, refused.Kind);
        Assert.Equal(ControlState.Running, (await intake.SessionAsync("s-1")).Control);
    }

    private static Caller With(string role) => Intake.Person with { Roles = new HashSet<string> { role } };

    private static async Task<BreakerTrip> SpendOverAsync(Intake intake, params Breaker[] breakers)
    {
        await BreakerTests.PublishAsync(intake, breakers);
        await SpendAsync(intake, 1, 2.5m);
        return (await BreakerTests.TripsAsync(intake))[0];
    }

    private static async Task SpendAsync(Intake intake, int number, decimal usd)
    {
        await intake.SendAsync(Spans.Call(number) with { SessionId = "s-1", AgentName = "desk", ReportedCostUsd = usd });
        await intake.LookAsync();
    }
}
