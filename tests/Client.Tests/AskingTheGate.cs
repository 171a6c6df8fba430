using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Xunit;

namespace Handrail.Client.Tests;

public sealed class AskingTheGate
{
    [Fact]
    public async Task What_the_policy_lets_go_proceeds_with_its_reasons()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1", "u-42");

        var decision = await session.RequestAsync(Connected.Expense() with
        {
            Confidence = 0.93,
            Risk = ActionRisk.External,
            Citations = [new("Expense policy 4.2", "https://example.com/policy#4.2", "Meals up to 50 USD")],
            Checks = [new("receipt_total_matches", true, "48.20 = 48.20")],
        });

        Assert.True(decision.Proceed);
        Assert.Equal((ActionVerdict.Allow, ActionStatus.Allowed), (decision.Verdict, decision.Status));
        Assert.Equal("autonomy", Assert.Single(decision.Reasons).Rule);
        Assert.Equal("1.1", decision.PolicyVersion);
        Assert.Equal("e-9", (string?)decision.Arguments!["expense_id"]);
        Assert.Equal(48.20m, decision.Amount);
        var asked = Assert.Single(console.To("POST", "/actions"));
        Assert.Equal("Bearer hra_test", asked.Headers["Authorization"]);
        var expected = JsonNode.Parse("""
            {"action_id":"a-17","agent":"expense-approver","agent_version":"1.4","user":"u-42","type":"expense.approve",
             "amount":48.20,"currency":"USD","vendor":"Blue Door Cafe","confidence":0.93,
             "citations":[{"title":"Expense policy 4.2","url":"https://example.com/policy#4.2","quote":"Meals up to 50 USD"}],
             "arguments":{"expense_id":"e-9","approved_amount":48.20},"risk":"external",
             "checks":[{"name":"receipt_total_matches","passed":true,"detail":"48.20 = 48.20"}]}
            """);
        Assert.True(JsonNode.DeepEquals(expected, asked.Json), asked.Body);
    }

    [Theory]
    [InlineData("deny", ActionVerdict.Deny, ActionStatus.Denied)]
    [InlineData("shadow", ActionVerdict.Shadow, ActionStatus.Shadowed)]
    public async Task What_the_policy_refuses_or_only_records_does_not_proceed(string said, ActionVerdict verdict, ActionStatus status)
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => said;
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var decision = await session.RequestAsync(Connected.Expense());

        Assert.False(decision.Proceed);
        Assert.Equal((verdict, status), (decision.Verdict, decision.Status));
    }

    [Fact]
    public async Task It_waits_for_the_person_and_acts_on_what_they_edited()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17") && request.Query == "?wait=30");
        Assert.False(asking.IsCompleted);
        console.Desk.Decide("s-1", "a-17", "approved", proceed: true, decision =>
        {
            decision["edited"] = true;
            decision["amount"] = 40.00m;
            decision["arguments"] = new JsonObject { ["expense_id"] = "e-9", ["approved_amount"] = 40.00m };
            decision["decided_by"] = "mara@example.com";
            decision["note"] = "Tip is not covered";
        });

        var decision = await asking;
        Assert.True(decision is { Proceed: true, Edited: true, Status: ActionStatus.Approved, Amount: 40.00m });
        Assert.Equal(40.00m, (decimal?)decision.Arguments!["approved_amount"]);
        Assert.Equal(("mara@example.com", "Tip is not covered"), (decision.DecidedBy, decision.Note));
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("expired")]
    [InlineData("cancelled")]
    [InlineData("taken_over")]
    public async Task Whatever_else_a_person_decides_does_not_proceed(string status)
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17"));
        console.Desk.Decide("s-1", "a-17", status, proceed: false);

        Assert.False((await asking).Proceed);
    }

    [Fact]
    public async Task Through_overload_and_lost_connections_it_asks_again_with_the_same_body()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Once("POST", "/actions", new Reply(429), new Reply(502), new Reply(503), new Reply(504), new Reply(200) { Drop = true });

        var decision = await session.RequestAsync(Connected.Expense() with { ActionId = null });

        Assert.True(decision.Proceed);
        var asked = console.To("POST", "/actions");
        Assert.Equal(6, asked.Count);
        Assert.Single(asked.Select(request => request.Body).Distinct());
        Assert.Equal(decision.ActionId, (string?)asked[0].Json["action_id"]);
    }

    [Fact]
    public async Task An_answer_that_is_slow_is_asked_for_again_under_the_same_id()
    {
        await using var console = await FakeConsole.StartAsync();
        var clock = new NotedClock();
        await using var client = Connected.Client(console, clock);
        await using var session = await client.OpenSessionAsync("s-1");
        var never = new TaskCompletionSource();
        console.Once("POST", "/actions", new Reply(200) { After = never.Task });

        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("POST", "/actions"));
        clock.Advance(TimeSpan.FromSeconds(20));

        Assert.True((await asking).Proceed);
        Assert.Equal(2, console.To("POST", "/actions").Count);
    }

    [Fact]
    public async Task It_waits_at_least_as_long_as_the_console_asks_it_to()
    {
        await using var console = await FakeConsole.StartAsync();
        var clock = new NotedClock();
        await using var client = Connected.Client(console, clock);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Once("POST", "/actions", new Reply(503).With("Retry-After", "7"));

        var asking = session.RequestAsync(Connected.Expense());
        await Connected.UntilAsync(() => clock.HasWait(TimeSpan.FromSeconds(7)));
        Assert.Single(console.To("POST", "/actions"));
        clock.Advance(TimeSpan.FromSeconds(7));

        Assert.True((await asking).Proceed);
    }

    [Fact]
    public async Task Waiting_for_a_person_survives_a_restart_of_the_console()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console, jitter: () => 0.1);
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17"));

        await console.RestartAsync(() =>
        {
            console.Desk.Decide("s-1", "a-17", "approved", proceed: true);
            return Task.CompletedTask;
        });

        Assert.True((await asking).Proceed);
    }

    [Fact]
    public async Task An_id_that_was_used_for_something_else_is_a_conflict_and_nothing_is_decided()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        await session.RequestAsync(Connected.Expense());

        var conflict = await Assert.ThrowsAsync<ActionConflictException>(
            () => session.RequestAsync(Connected.Expense() with { Amount = 4820m }));

        Assert.Equal("a-17", conflict.ActionId);
        Assert.Equal("This action id was used for something else.", conflict.Message);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(422)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task A_refusal_is_told_and_not_asked_again(int status)
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Always("POST", "/actions", _ =>
            new Reply(status, """{"detail":"amount: must not be negative","errors":{"amount":["must not be negative"]}}"""));

        var refused = await Assert.ThrowsAsync<HandrailException>(() => session.RequestAsync(Connected.Expense()));

        Assert.Equal(status, refused.Status);
        Assert.Equal(["must not be negative"], refused.Errors["amount"]);
        Assert.Single(console.To("POST", "/actions"));
    }

    [Fact]
    public async Task Giving_up_ends_the_wait_with_the_callers_cancellation()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        using var patience = new CancellationTokenSource();

        var asking = session.RequestAsync(Connected.Expense(), patience.Token);
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17"));
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task A_console_that_forgot_the_question_is_asked_it_again()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Once("GET", "/actions/a-17", Reply.Refuse(404, "There is no such action."));

        var asking = session.RequestAsync(Connected.Expense());
        await Connected.UntilAsync(() => console.To("POST", "/actions").Count == 2);
        console.Desk.Decide("s-1", "a-17", "approved", proceed: true);

        Assert.True((await asking).Proceed);
    }

    [Fact]
    public async Task What_was_let_go_and_then_paused_is_claimed_once_the_session_goes_on()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var decision = await session.RequestAsync(Connected.Expense());
        console.Desk.Command("s-1", "pause", "paused");
        await Connected.UntilAsync(() => session.IsPaused);
        var refused = new TaskCompletionSource();
        console.Always("POST", "/claim", _ =>
        {
            if (console.Desk.StateOf("s-1") != "paused")
            {
                return null;
            }

            refused.TrySetResult();
            return Reply.Refuse(409, "The session is paused: nothing is claimed until it goes on.").With("Retry-After", "5");
        });

        var claiming = session.ClaimAsync(decision);
        await refused.Task;
        Assert.False(claiming.IsCompleted);
        console.Desk.Command("s-1", "resume", "running");

        Assert.Null(await claiming);
        Assert.Equal(2, console.To("POST", "/claim").Count);
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_sent_again_as_the_same_claim_and_the_next_is_another()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var decision = await session.RequestAsync(Connected.Expense());
        console.Once("POST", "/claim", new Reply(200) { Drop = true }, new Reply(503));

        Assert.Null(await session.ClaimAsync(decision));
        Assert.Null(await session.ClaimAsync(await session.RequestAsync(Connected.Expense())));

        var ids = console.To("POST", "/claim").Select(claim => (string?)claim.Json["claim_id"]).ToList();
        Assert.Equal(4, ids.Count);
        Assert.Equal(ids[0], Assert.Single(ids.Take(3).Distinct()));
        Assert.NotEqual(ids[0], ids[3]);
    }
}
