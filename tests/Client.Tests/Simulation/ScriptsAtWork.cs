using System.Diagnostics;
using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Simulator;
using Handrail.Simulator.Agents;
using Xunit;

namespace Handrail.Client.Tests.Simulation;

[Collection("Telemetry is heard by the whole process")]
public sealed class ScriptsAtWork
{
    public static TheoryData<int, int> EveryScript
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var script in Enumerable.Range(0, Fleet.AllScripts().Count))
            {
                foreach (var seed in Enumerable.Range(1, 4))
                {
                    data.Add(script, seed);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(EveryScript))]
    public async Task Every_script_ends_its_session_and_speaks_the_conventions(int at, int seed)
    {
        await using var console = await FakeConsole.StartAsync();
        var script = Fleet.AllScripts()[at];
        await using var stage = new Stage(console, script, seed, easyOnly: true);

        await stage.PlayAsync();

        var spans = stage.Spans.All;
        var ids = spans.Select(span => span.SpanId).ToHashSet();
        var agents = script.Agents.Select(agent => agent.Name).ToHashSet();
        Assert.All(spans, span =>
        {
            Assert.Equal("s-1", span.GetTagItem("gen_ai.conversation.id"));
            Assert.Contains((string)span.GetTagItem("gen_ai.agent.name")!, agents);
            Assert.NotNull(span.GetTagItem("user.id"));
            Assert.True(span.ParentSpanId == default ? (string?)span.GetTagItem("gen_ai.operation.name") == "invoke_agent" : ids.Contains(span.ParentSpanId));
        });
        var chats = stage.Spans.Of("chat");
        Assert.NotEmpty(chats);
        Assert.All(chats.Where(span => span.Status != ActivityStatusCode.Error), span =>
        {
            Assert.Equal(ActivityKind.Client, span.Kind);
            Assert.Equal(script.Agents.First(agent => agent.Name == (string)span.GetTagItem("gen_ai.agent.name")!).Model, span.GetTagItem("gen_ai.request.model"));
            var input = (int)span.GetTagItem("gen_ai.usage.input_tokens")!;
            Assert.InRange(input, 1, 1_000_000);
            Assert.InRange((int)span.GetTagItem("gen_ai.usage.cache_read.input_tokens")!, 0, input);
            Assert.InRange((int)span.GetTagItem("gen_ai.usage.output_tokens")!, 1, 10_000);
            Assert.Equal("assistant", (string?)JsonNode.Parse((string)span.GetTagItem("gen_ai.output.messages")!)![0]!["role"]);
        });
        Assert.All(stage.Spans.Of("execute_tool"), span =>
        {
            Assert.NotNull(span.GetTagItem("gen_ai.tool.name"));
            Assert.NotNull(span.GetTagItem("gen_ai.tool.call.arguments"));
            Assert.True(span.Status == ActivityStatusCode.Error ? span.GetTagItem("error.type") is not null : span.GetTagItem("gen_ai.tool.call.result") is not null);
        });
    }

    [Theory]
    [MemberData(nameof(EveryScript))]
    public async Task A_seed_repeats_a_session(int at, int seed)
    {
        var told = new List<string>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await using var console = await FakeConsole.StartAsync();
            await using var stage = new Stage(console, Fleet.AllScripts()[at], seed, easyOnly: true);
            await stage.PlayAsync();
            told.Add(string.Join('\n', [
                .. console.To("POST", "/actions").Select(request => request.Body),
                .. stage.Spans.All.OrderBy(span => span.StartTimeUtc).Select(span => $"{span.DisplayName} {span.GetTagItem("gen_ai.usage.output_tokens")}"),
            ]));
        }

        Assert.Equal(told[0], told[1]);
    }

    [Fact]
    public async Task Every_action_that_was_let_go_is_carried_out_and_reported()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var stage = new Stage(console, new ExpenseApprover(), seed: 5);

        await stage.PlayAsync();

        var asked = console.To("POST", "/actions").Count;
        Assert.InRange(asked, 2, 5);
        Assert.Equal(asked, stage.Spans.Tool("approve_expense").Count);
        Assert.Equal(asked, console.To("POST", "/result").Count);
        Assert.Equal(asked, console.To("POST", "/costs").Count);
    }

    [Theory]
    [InlineData("deny")]
    [InlineData("shadow")]
    public async Task What_was_not_let_go_is_not_done(string verdict)
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => verdict;
        await using var stage = new Stage(console, new ExpenseApprover(), seed: 5);

        await stage.PlayAsync();

        Assert.NotEmpty(console.To("POST", "/actions"));
        Assert.Empty(stage.Spans.Tool("approve_expense"));
        Assert.Empty(console.To("POST", "/result"));
    }

    [Fact]
    public async Task The_first_expense_goes_to_a_person_and_their_edit_is_what_is_done()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = action => (decimal)action["amount"]! > 25 && (string?)action["category"] == "meals" ? "review" : "allow";
        await using var stage = new Stage(console, new ExpenseApprover(), first: true);

        var playing = stage.PlayAsync();
        await console.TakenAsync(request => request.Is("GET", "/actions/a-1"));
        console.Desk.Decide("s-1", "a-1", "approved", proceed: true, decision =>
        {
            decision["edited"] = true;
            decision["amount"] = 40m;
            decision["arguments"]!["approved_amount"] = 40m;
        });
        await playing;

        var done = JsonNode.Parse((string)stage.Spans.Tool("approve_expense")[0].GetTagItem("gen_ai.tool.call.arguments")!)!;
        Assert.Equal(40m, (decimal?)done["approved_amount"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(40)]
    public async Task The_dealership_chats_for_5_to_25_turns_each_a_trace_of_its_own(int seed)
    {
        await using var console = await FakeConsole.StartAsync();
        await using var stage = new Stage(console, new DealershipChat(), seed);

        await stage.PlayAsync();

        var turns = stage.Spans.Of("invoke_agent");
        Assert.InRange(turns.Count, DealershipChat.FewestTurns, DealershipChat.MostTurns);
        Assert.Equal(turns.Count, turns.Select(turn => turn.TraceId).Distinct().Count());
        Assert.NotEmpty(stage.Spans.Tool("lookup_stock"));
        Assert.Single(console.To("POST", "/actions"));
    }

    [Fact]
    public async Task The_research_pair_loops_until_it_is_stopped_and_then_does_nothing_more()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var stage = new Stage(console, new ResearchPair(), first: true, speed: 60);

        var playing = stage.PlayAsync();
        await Connected.UntilAsync(() => stage.Spans.Tool("transfer_to_research_lead").Count >= 3 && stage.Spans.Tool("transfer_to_research_writer").Count >= 3);
        console.Desk.Command("s-1", "stop", "stopped");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => playing);
        Assert.True(stage.Spans.Of("invoke_agent").Count < ResearchPair.MostTurns);
        Assert.Equal(["research-lead", "research-writer"], stage.Spans.All.Select(span => (string)span.GetTagItem("gen_ai.agent.name")!).Distinct().Order());
    }

    [Fact]
    public async Task A_loop_that_nobody_stops_ends_at_its_cap()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var stage = new Stage(console, new ResearchPair(), first: true);

        var outcome = await stage.PlayAsync();

        Assert.Equal(SessionOutcome.Failed, outcome.Result);
        Assert.Equal(ResearchPair.MostTurns, stage.Spans.Of("invoke_agent").Count);
    }

    [Fact]
    public async Task A_paused_session_begins_nothing_new_until_it_goes_on()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var stage = new Stage(console, new ResearchPair(), first: true, speed: 60);
        var playing = stage.PlayAsync();
        await Connected.UntilAsync(() => stage.Spans.All.Count > 5);

        console.Desk.Command("s-1", "pause", "paused");
        await console.TakenAsync(request => request.Is("POST", "/control/ack"));
        await Connected.UntilAsync(() => stage.Session!.IsPaused);
        var paused = TimeProvider.System.GetUtcNow().UtcDateTime;
        await StillAsync(stage);
        var resumed = TimeProvider.System.GetUtcNow().UtcDateTime;
        var before = stage.Spans.All.Count;
        console.Desk.Command("s-1", "resume", "running");
        await Connected.UntilAsync(() => stage.Spans.All.Count > before + 5);
        console.Desk.Command("s-1", "stop", "stopped");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => playing);
        var begun = stage.Spans.All.Where(span => span.StartTimeUtc > paused && span.StartTimeUtc < resumed).ToList();
        // One step may have looked just before the pause was heard.
        Assert.InRange(begun.Count, 0, 1);
        Assert.Contains(stage.Spans.All, span => span.StartTimeUtc > resumed);
    }

    [Fact]
    public async Task The_escalation_bot_asks_a_person_and_acts_on_the_answer()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var stage = new Stage(console, new EscalationBot(), first: true);

        var playing = stage.PlayAsync();
        await Connected.UntilAsync(() => console.Desk.OpenHandoffs.Count == 1);
        console.Desk.AnswerHandoff(console.Desk.OpenHandoffs.First(), new JsonObject { ["choice"] = "refund" });
        var outcome = await playing;

        Assert.Equal(SessionOutcome.Completed, outcome.Result);
        Assert.Equal(["support.refund", "support.reply"], console.To("POST", "/actions").Select(request => (string?)request.Json["type"]));
        Assert.Single(stage.Spans.Tool("refund_order"));
    }

    [Fact]
    public async Task The_escalation_bot_pays_nothing_where_the_answer_is_no_or_not_an_option()
    {
        foreach (var answer in new JsonNode[] { new JsonObject { ["choice"] = "decline" }, "yes, refund everything", new JsonArray() })
        {
            await using var console = await FakeConsole.StartAsync();
            await using var stage = new Stage(console, new EscalationBot(), first: true);

            var playing = stage.PlayAsync();
            await Connected.UntilAsync(() => console.Desk.OpenHandoffs.Count == 1);
            console.Desk.AnswerHandoff(console.Desk.OpenHandoffs.First(), answer);
            await playing;

            Assert.Empty(stage.Spans.Tool("refund_order"));
        }
    }

    /// <summary>Until nothing more arrives for many times as long as a step takes.</summary>
    private static async Task StillAsync(Stage stage)
    {
        var (count, looks) = (-1, 0);
        await Connected.UntilAsync(() =>
        {
            looks = stage.Spans.All.Count == count ? looks + 1 : 0;
            count = stage.Spans.All.Count;
            return looks == 40;
        });
    }
}
