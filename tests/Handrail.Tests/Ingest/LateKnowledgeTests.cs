using Handrail.Access;
using Handrail.Actions;
using Handrail.Costs;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Ingest;

/// <summary>Children are exported before their parents: what becomes known late moves what was counted before.</summary>
public sealed class LateKnowledgeTests
{
    [Theory, Databases]
    public async Task A_trace_without_a_session_is_its_own_until_a_span_names_one_and_then_moves_with_all_its_totals(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1, parent: 0), Spans.Tool(2, "pay", parent: 0) with { Failed = true });
        var before = await intake.SessionAsync(Spans.Trace);
        Assert.True(before.Provisional);
        Assert.Equal((2, 1, 1), (before.Steps, before.LlmCalls, before.Turns));

        await intake.SendAsync(Spans.Of(0, StepKind.Agent) with { SessionId = "s-1", AgentName = "desk", EndUser = "u-42" });

        Assert.Equal(["s-1"], await intake.SessionIdsAsync());
        var after = await intake.SessionAsync(Spans.Trace);
        Assert.Equal("s-1", after.SessionId);
        Assert.Equal((3, 1, 1, 1, 1), (after.Steps, after.LlmCalls, after.ToolCalls, after.Errors, after.Turns));
        Assert.Equal((100, 10, 40, 0.01m), (after.InputTokens, after.OutputTokens, after.CachedTokens, after.CostUsd));
        Assert.Equal(("desk", "u-42", 100), (after.Agent, after.User, after.ContextTokens));
        Assert.Equal(3, (await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-1", null, null, 10, CancellationToken.None)).Items.Count);
        var old = await intake.ReadAsync(db => db.Sessions.SingleAsync(s => s.Id == Spans.Trace));
        Assert.Equal((0, 0, 0L, 0L), (old.Steps, old.Turns, old.InputTokens, old.CostNanos));
    }

    [Theory, Databases]
    public async Task A_late_trace_joins_a_session_that_runs_already(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0, trace: Spans.OtherTrace) with { SessionId = "s-1" });
        await intake.SendAsync(Spans.Call(1, parent: 0));

        await intake.SendAsync(Spans.Of(0) with { SessionId = "s-1" });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((3, 2, 2, 200), (session.Steps, session.LlmCalls, session.Turns, session.InputTokens));
    }

    [Theory, Databases]
    public async Task Steps_go_to_the_agent_that_an_ancestor_names_and_the_stand_in_is_forgotten(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1, parent: 0) with { SessionId = "s-1" });
        Assert.Equal("shop", (await intake.SessionAsync("s-1")).Agent);

        await intake.SendAsync(Spans.Of(0, StepKind.Agent) with { AgentName = "desk" });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal("desk", session.Agent);
        Assert.Equal(["desk"], session.Agents);
        Assert.Equal(["desk"], await intake.ReadAsync(db => db.Agents.Select(a => a.Name).ToListAsync()));
        Assert.All(await intake.HoursAsync(), h => Assert.Equal("desk", h.Agent));
    }

    [Theory, Databases]
    public async Task What_was_done_with_a_provisional_session_moves_with_it(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1, parent: 0));
        await intake.Get<RecordCosts>().HandleAsync(Intake.Team(), [new ReportedCost(0, "c-1", Spans.Trace, "tool", 2m, "USD")], CancellationToken.None);
        await intake.Get<AddMessages>().HandleAsync(Intake.Team(), Spans.Trace, [new TranscriptLine("m-1", "user", "hello", Spans.Noon)], CancellationToken.None);
        await intake.Store.WriteAsync(
            async unit =>
            {
                unit.Db.Actions.Add(Action(Spans.Trace, "a-1"));
                unit.Db.Budgets.Add(new Budget { Key = $"fleet|l|session:{Spans.Trace}", Reserved = 5, Currency = "USD" });
                await unit.Db.SaveChangesAsync();
            },
            CancellationToken.None);

        await intake.SendAsync(Spans.Of(0) with { SessionId = "s-1" });

        Assert.Equal(2.01m, (await intake.SessionAsync("s-1")).CostUsd);
        Assert.Equal("hello", Assert.Single(await intake.Sessions.TranscriptAsync(Intake.Person, Spans.Trace, null, 10, CancellationToken.None)).Text);
        var action = await intake.ReadAsync(db => db.Actions.SingleAsync());
        Assert.Equal(("s-1", """[{"key":"fleet|l|session:s-1","amount":5,"currency":"USD"}]"""), (action.SessionId, action.BudgetsJson));
        Assert.Equal(5m, await intake.ReadAsync(db => db.Budgets.Where(b => b.Key == "fleet|l|session:s-1").Select(b => b.Reserved).SingleAsync()));
        Assert.Equal("s-1", await intake.ReadAsync(db => db.CostEvents.Select(c => c.SessionId).SingleAsync()));
    }

    [Theory, Databases]
    public async Task An_action_is_never_taken_for_another_of_its_name(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1, parent: 0), Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-1" });
        await intake.Store.WriteAsync(
            async unit =>
            {
                unit.Db.Actions.AddRange(Action(Spans.Trace, "a-1"), Action("s-1", "a-1"));
                await unit.Db.SaveChangesAsync();
            },
            CancellationToken.None);

        await intake.SendAsync(Spans.Of(0) with { SessionId = "s-1" });

        Assert.Equal([Spans.Trace, "s-1"], await intake.ReadAsync(db => db.Actions.OrderBy(a => a.SessionId).Select(a => a.SessionId).ToListAsync()));
        Assert.Equal((0, 3), ((await intake.SessionAsync(Spans.Trace)).Steps, (await intake.SessionAsync("s-1")).Steps));
    }

    [Theory, Databases]
    public async Task A_stop_holds_for_the_session_that_the_stopped_trace_turns_out_to_be(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "s-1" });
        await intake.SendAsync(Spans.Call(1, parent: 0));
        await intake.Get<ControlSession>().HandleAsync(Intake.Person, Spans.Trace, ControlKind.Stop, "runs away", null, null, CancellationToken.None);

        await intake.SendAsync(Spans.Of(0) with { SessionId = "s-1" });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((ControlState.Stopped, SessionState.Stopping), (session.Control, session.State));
        var commands = await intake.ReadAsync(db => db.ControlCommands.Where(c => c.Scope == "session:s-1" && c.Kind == ControlKind.Stop).ToListAsync());
        Assert.Contains(commands, c => c.By == "ann@example.com");
    }

    [Theory, Databases]
    public async Task A_session_that_turns_out_to_go_on_from_a_stopped_one_is_stopped_with_it(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1" });
        await intake.SendAsync(Spans.Call(2, trace: Spans.OtherTrace) with { SessionId = "s-2", LinkedTraceId = Spans.Trace });
        await intake.Get<ControlSession>().HandleAsync(Intake.Person, "s-1", ControlKind.Stop, "runs away", null, null, CancellationToken.None);
        Assert.Equal(ControlState.Stopped, (await intake.SessionAsync("s-2")).Control);

        await intake.SendAsync(Spans.Call(3, trace: $"{3:x32}") with { SessionId = "s-3", LinkedTraceId = Spans.OtherTrace });

        Assert.Equal((ControlState.Stopped, "s-2"), await intake.SessionAsync("s-3") is var late ? (late.Control, late.ParentSessionId) : default);
    }

    private static GatedAction Action(string session, string id) => new()
    {
        SessionId = session,
        ActionId = id,
        Digest = "d",
        Team = "ops",
        Agent = "shop",
        Type = "pay",
        Risk = "external",
        Verdict = Verdict.Review,
        Status = ActionStatus.Pending,
        ReasonsJson = "[]",
        PolicyVersion = "1.0",
        FactsJson = "{}",
        BudgetsJson = JsonText.Of(new[] { new BudgetHold($"fleet|l|session:{session}", 5, "USD") }),
        RequestedAt = Spans.Noon,
    };
}
