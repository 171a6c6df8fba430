using Handrail.Ingest;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Xunit;

namespace Handrail.Sessions;

/// <summary>The session as it stood at any moment, by the same questions with that moment.</summary>
public sealed class AsOfTests
{
    [Theory, Databases]
    public async Task Totals_are_those_of_what_had_ended_by_then(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(
            Spans.Of(0, StepKind.Agent) with { SessionId = "s-1", AgentName = "desk", EndedAt = Spans.Noon.AddSeconds(60) },
            Spans.Call(1, parent: 0), Spans.Tool(3, "refund", parent: 0) with { Failed = true, AgentName = "refunds" }, Spans.Call(5, parent: 0));

        var begun = await AsOf(intake, 1.5);
        Assert.Equal((2, 0, 0m, 0L), (begun.Steps, begun.LlmCalls, begun.CostUsd, begun.ContextTokens));
        var one = await AsOf(intake, 3.5);
        Assert.Equal((3, 1, 0, 0.01m, 100L, 0), (one.Steps, one.LlmCalls, one.ToolCalls, one.CostUsd, one.InputTokens, one.Errors));
        Assert.Equal(["desk", "refunds"], one.Agents);
        var (late, now) = (await AsOf(intake, 3_600), await intake.SessionAsync("s-1"));
        Assert.Equal(
            (now.Turns, now.Steps, now.LlmCalls, now.ToolCalls, now.Errors, now.InputTokens, now.OutputTokens, now.CachedTokens, now.CostNanos, now.ContextTokens),
            (late.Turns, late.Steps, late.LlmCalls, late.ToolCalls, late.Errors, late.InputTokens, late.OutputTokens, late.CachedTokens, late.CostNanos, late.ContextTokens));
        Assert.Equal(0, (await AsOf(intake, -1)).Steps);
    }

    [Theory, Databases]
    public async Task The_state_is_what_had_been_ordered_by_then_and_whether_it_was_over(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        var start = intake.Time.GetUtcNow();
        async Task Order(ControlKind kind)
        {
            intake.Time.Advance(TimeSpan.FromMinutes(1));
            await intake.Get<ControlSession>().HandleAsync(Intake.Person, "s-1", kind, "a reason", null, null, default);
        }

        await Order(ControlKind.Pause);
        await Order(ControlKind.Resume);
        await Order(ControlKind.TakeOver);
        await Order(ControlKind.HandBack);
        intake.Time.Advance(TimeSpan.FromMinutes(1));
        await intake.Get<EndSession>().HandleAsync(Intake.Team(), "s-1", new SessionEnd("failed") { Summary = "gave up" }, default);

        async Task<SessionReading> At(double minutes) => await intake.Sessions.OneAsync(Intake.Person, "s-1", start.AddMinutes(minutes), default);
        Assert.Equal(
            [SessionState.Running, SessionState.Paused, SessionState.Running, SessionState.TakenOver, SessionState.Running, SessionState.Failed],
            [(await At(0.5)).State, (await At(1.5)).State, (await At(2.5)).State, (await At(3.5)).State, (await At(4.5)).State, (await At(5.5)).State]);
        Assert.Equal((Intake.Person.Name, null), ((await At(3.5)).TakenOverBy, (await At(4.5)).TakenOverBy));
        Assert.Equal((null, "gave up"), ((await At(4.5)).Summary, (await At(5.5)).Summary));
        Assert.Equal(0.01m, (await At(0.5)).CostUsd);
    }

    private static Task<SessionReading> AsOf(Intake intake, double seconds) => intake.Sessions.OneAsync(Intake.Person, "s-1", Spans.Noon.AddSeconds(seconds), default);
}
