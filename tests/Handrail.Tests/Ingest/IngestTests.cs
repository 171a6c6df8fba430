using Handrail.Costs;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Telemetry;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Ingest;

public sealed class IngestTests
{
    [Theory, Databases]
    public async Task Spans_become_a_session_with_its_turns_steps_tokens_and_cost(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        var receipt = await intake.SendAsync(
            Spans.Of(0, StepKind.Agent) with { SessionId = "s-1", AgentName = "desk", EndUser = "u-42", AgentVersion = "1.4" },
            Spans.Call(1, parent: 0), Spans.Tool(2, "refund", parent: 0), Spans.Call(3, parent: 0),
            Spans.Of(4, StepKind.Agent, trace: Spans.OtherTrace) with { SessionId = "s-1", AgentName = "desk" },
            Spans.Call(5, parent: 4, trace: Spans.OtherTrace));

        Assert.Equal((6, 0, 0), (receipt.Accepted, receipt.Duplicates, receipt.Rejected));
        var session = await intake.SessionAsync("s-1");
        Assert.Equal(SessionState.Running, session.State);
        Assert.Equal(("desk", "1.4", "u-42"), (session.Agent, session.AgentVersion, session.User));
        Assert.Equal(["desk"], session.Agents);
        Assert.Equal((2, 6, 3, 1, 0), (session.Turns, session.Steps, session.LlmCalls, session.ToolCalls, session.Errors));
        Assert.Equal((300, 30, 120), (session.InputTokens, session.OutputTokens, session.CachedTokens));
        Assert.Equal(0.03m, session.CostUsd);
        Assert.Equal(100, session.ContextTokens);
        Assert.Equal(Spans.Noon, session.StartedAt);
        Assert.Equal(Spans.Noon.AddHours(1), session.LastActivityAt);
        Assert.False(session.Provisional);
        var hours = (await intake.HoursAsync()).ToDictionary(h => h.Kind);
        var model = hours[HourlyCost.Model];
        Assert.Equal((Spans.Noon, "desk", "gpt-5.4", 30_000_000L, 3, 120), (model.Hour, model.Agent, model.Source, model.CostNanos, model.Calls, model.CachedTokens));
        var tool = hours[HourlyCost.Tool];
        Assert.Equal(("refund", 1, 0, 1_000_000L), (tool.Source, tool.Calls, tool.Errors, tool.DurationMicros));
    }

    [Theory, Databases]
    public async Task The_same_span_sent_again_counts_once(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var span = Spans.Call(1) with { SessionId = "s-1" };

        await intake.SendAsync(span, span);
        var again = await intake.SendAsync(span, Spans.Call(2) with { SessionId = "s-1" });

        Assert.Equal((1, 1), (again.Accepted, again.Duplicates));
        var session = await intake.SessionAsync("s-1");
        Assert.Equal((2, 2, 200), (session.Steps, session.LlmCalls, session.InputTokens));
    }

    [Theory, Databases]
    public async Task A_parent_whose_sums_a_late_child_repeats_stops_counting(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var parent = Spans.Of(0, StepKind.Agent) with { SessionId = "s-1", Usage = new TokenUsage(100, 10, 40, null, null), ResponseModel = "gpt-5.4", Provider = "openai" };

        await intake.SendAsync(parent);
        Assert.Equal(100, (await intake.SessionAsync("s-1")).InputTokens);
        await intake.SendAsync(Spans.Call(1, parent: 0));

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((100, 10, 40, 1), (session.InputTokens, session.OutputTokens, session.CachedTokens, session.LlmCalls));
        Assert.Equal(0.01m, session.CostUsd);
        Assert.Equal((1, 100L), ((await intake.HoursAsync()).Sum(h => h.Calls), (await intake.HoursAsync()).Sum(h => h.InputTokens)));
    }

    [Theory, Databases]
    public async Task Two_sessions_in_one_trace_each_get_their_own(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        await intake.SendAsync(
            Spans.Of(0, StepKind.Agent) with { SessionId = "s-1" }, Spans.Call(1, parent: 0),
            Spans.Of(2, StepKind.Agent) with { SessionId = "s-2" }, Spans.Call(3, parent: 2), Spans.Call(4, parent: 2));

        var (one, two) = (await intake.SessionAsync("s-1"), await intake.SessionAsync("s-2"));
        Assert.Equal((2, 1, 1, 100), (one.Steps, one.Turns, one.LlmCalls, one.InputTokens));
        Assert.Equal((3, 1, 2, 200), (two.Steps, two.Turns, two.LlmCalls, two.InputTokens));
    }

    [Theory, Databases]
    public async Task A_failure_that_passes_up_through_its_parents_is_one_error(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        await intake.SendAsync(Spans.Of(0, StepKind.Agent) with { SessionId = "s-1", Failed = true }, Spans.Of(1, StepKind.Workflow, parent: 0) with { Failed = true });
        Assert.Equal(1, (await intake.SessionAsync("s-1")).Errors);
        await intake.SendAsync(Spans.Tool(2, "pay", parent: 1) with { Failed = true }, Spans.Tool(3, "log", parent: 1) with { Failed = true });

        Assert.Equal(2, (await intake.SessionAsync("s-1")).Errors);
    }

    [Theory, Databases]
    public async Task A_call_without_usage_is_a_call_of_unknown_cost_and_a_failed_one_is_not(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        await intake.SendAsync(
            Spans.Of(0, StepKind.Llm) with { SessionId = "s-1", ResponseModel = "gpt-5.4" },
            Spans.Of(1, StepKind.Llm) with { SessionId = "s-1", Failed = true, ErrorType = "429" },
            Spans.Call(2) with { ResponseModel = "a-model-nobody-sells", ReportedCostUsd = null });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((3, 2, 1), (session.LlmCalls, session.UnpricedCalls, session.Errors));
        Assert.Equal(0m, session.CostUsd);
    }

    [Theory, Databases]
    public async Task A_sender_s_cost_wins_over_a_computed_one_and_both_are_kept(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" }, Spans.Call(1) with { ReportedCostUsd = null });

        var steps = await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-1", null, null, 10, CancellationToken.None);
        Assert.Equal([0.01m, 0.00031m], steps.Items.Select(s => s.CostUsd));
        Assert.Equal([true, false], steps.Items.Select(s => s.CostReported));
        Assert.Equal(0.01031m, (await intake.SessionAsync("s-1")).CostUsd);
    }

    [Theory, Databases]
    public async Task What_a_step_said_is_kept_whole_however_long(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var said = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"line {i} "));

        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", InputMessages = said, AttributesJson = """{"attributes":{"a":1}}""" }, Spans.Tool(1, "pay") with { ToolArguments = """{"to":"x"}""" });

        var steps = intake.Get<StepQueries>();
        var call = await steps.ContentAsync(Intake.Person, Spans.Trace, Spans.Id(0), CancellationToken.None);
        var tool = await steps.ContentAsync(Intake.Person, Spans.Trace, Spans.Id(1), CancellationToken.None);
        Assert.Equal(said, call!.InputMessages);
        Assert.Equal(1, call.Attributes!.Value.GetProperty("attributes").GetProperty("a").GetInt32());
        Assert.Equal("""{"to":"x"}""", tool!.ToolArguments);
        var stored = await intake.ReadAsync(db => db.StepContents.Where(c => c.SpanId == Spans.Id(0)).Select(c => c.Body.Length).SingleAsync());
        Assert.True(stored < said.Length / 2, "Long content is compressed.");
    }

    [Theory, Databases]
    public async Task Steps_come_in_the_order_they_began_page_by_page_with_their_depth(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync([.. Enumerable.Range(0, 7).Select(i => Spans.Of(i, parent: i == 0 ? null : i - 1) with { SessionId = "s-1" }).Reverse()]);

        var steps = new List<SessionStep>();
        string? cursor = null;
        do
        {
            var page = await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-1", null, cursor, 3, CancellationToken.None);
            steps.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 7).Select(Spans.Id), steps.Select(s => s.SpanId));
        Assert.Equal(Enumerable.Range(0, 7), steps.Select(s => s.Depth));
        var until = await intake.Get<StepQueries>().ListAsync(Intake.Person, "s-1", Spans.Noon.AddSeconds(2), null, 10, CancellationToken.None);
        Assert.Equal(3, until.Items.Count);
    }

    [Theory, Databases]
    public async Task More_spans_than_one_transaction_takes_are_all_stored(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider, new IngestSettings { MaxSpansPerCommit = 10 });

        var receipts = await Task.WhenAll(Enumerable.Range(0, 6).Select(r => intake.SendAsync(
            [.. Enumerable.Range(0, 35).Select(i => Spans.Call(i, trace: $"{r + 1:x32}") with { SessionId = $"s-{r % 2}" })])));

        Assert.All(receipts, r => Assert.Equal(35, r.Accepted));
        Assert.Equal((105, 3), ((await intake.SessionAsync("s-0")).LlmCalls, (await intake.SessionAsync("s-0")).Turns));
        Assert.Equal(0, intake.Admission.SpansInFlight);
    }
}
