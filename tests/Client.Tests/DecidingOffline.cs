using System.Globalization;
using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Handrail.Client.Wire;
using Xunit;

namespace Handrail.Client.Tests;

/// <summary>What the client answers while the console is out of reach: what the policy's <c>offline</c> says, and never more.</summary>
public sealed class DecidingOffline
{
    private const string Bounded = """{"autonomy":"bounded","limits":[{"type":"expense.approve","max_amount":50,"currency":"USD"}],"offline":{"mode":"policy","max_age_seconds":600}}""";

    [Theory]
    [InlineData("""{"autonomy":"autonomous"}""")]
    [InlineData("""{"autonomy":"autonomous","offline":{"mode":"deny"}}""")]
    public async Task By_default_everything_is_denied(string policy)
    {
        var decision = await AskOfflineAsync(policy, Connected.Expense(), decides: true);

        Assert.True(decision is { Proceed: false, Status: ActionStatus.Denied, DecidedOffline: true });
        Assert.Equal("client:offline", decision!.Reasons[0].Rule);
    }

    [Fact]
    public async Task The_policy_last_known_lets_go_what_is_inside_it()
    {
        var decision = await AskOfflineAsync(Bounded, Connected.Expense(), decides: true);

        Assert.True(decision is { Proceed: true, Status: ActionStatus.Allowed, DecidedOffline: true, PolicyVersion: "1.1", Amount: 48.20m });
        Assert.Equal("e-9", (string?)decision!.Arguments!["expense_id"]);
    }

    [Theory]
    [InlineData("""{"autonomy":"autonomous","offline":{"mode":"hold"}}""")]
    [InlineData("""{"autonomy":"suggest","offline":{"mode":"policy"}}""")]
    [InlineData("""{"autonomy":"bounded","limits":[{"max_amount":40,"currency":"USD"}],"offline":{"mode":"policy"}}""")]
    [InlineData("""{"autonomy":"bounded","limits":[{"max_amount":50,"currency":"USD","max_total":500,"per":"day"}],"offline":{"mode":"policy"}}""")]
    [InlineData("""{"autonomy":"autonomous","rules":[{"id":"r","when":{"field":"session.turns","op":"gt","value":9,"missing":"ignore"},"then":"deny"}],"offline":{"mode":"policy"}}""")]
    [InlineData("""{"autonomy":"autonomous","offline":{"mode":"policy","max_age_seconds":0}}""")]
    [InlineData("""{"autonomy":"autonomous","offline":{"mode":"policy"},"from_a_later_version":true}""")]
    public async Task What_only_the_console_or_a_person_can_say_waits(string policy) => Assert.Null(await AskOfflineAsync(policy, Connected.Expense()));

    [Fact]
    public async Task What_more_than_the_policy_rules_waits() => Assert.Null(await AskOfflineAsync(Bounded, Connected.Expense(), beyond: "more"));

    [Fact]
    public async Task What_is_switched_off_while_the_policy_is_held_waits() =>
        Assert.Null(await AskOfflineAsync(Bounded, Connected.Expense(), before: async (console, session) =>
        {
            var heard = new TaskCompletionSource();
            session.CommandReceived += (_, _) => heard.TrySetResult();
            console.Desk.Command("s-1", "disable", "running", new JsonObject { ["type"] = "expense.approve" });
            await heard.Task;
        }));

    [Fact]
    public async Task A_policy_that_was_confirmed_too_long_ago_decides_nothing() =>
        Assert.Null(await AskOfflineAsync(Bounded, Connected.Expense(), whileDown: clock => clock.Advance(TimeSpan.FromSeconds(601))));

    [Fact]
    public async Task A_date_that_is_set_back_makes_no_policy_younger() =>
        Assert.Null(await AskOfflineAsync(Bounded, Connected.Expense(), whileDown: clock =>
        {
            clock.Advance(TimeSpan.FromSeconds(601));
            clock.DateError = TimeSpan.FromSeconds(-601);
        }));

    [Fact]
    public async Task A_machine_that_slept_makes_no_policy_younger() =>
        Assert.Null(await AskOfflineAsync(Bounded, Connected.Expense(), whileDown: clock => clock.DateError = TimeSpan.FromSeconds(601)));

    [Fact]
    public async Task What_may_have_reached_the_console_is_let_go_by_nobody_else()
    {
        await using var console = await FakeConsole.StartAsync();
        Policy(console, Bounded, "none");
        await using var client = Client(console, new NotedClock());
        await client.GetPolicyAsync();
        await using var session = await client.OpenSessionAsync("s-1");

        // Taken, and the answer lost: it may have been a no.
        console.Once("POST", "/actions", new Reply(200) { Drop = true });
        console.Always("POST", "/actions", _ => new Reply(503));
        console.Always("GET", "/control", _ => new Reply(503));
        console.Always("GET", "/policy", _ => new Reply(503));
        var asking = session.RequestAsync(Connected.Expense());

        await Connected.UntilAsync(() => console.To("POST", "/actions").Count > 20);
        Assert.False(asking.IsCompleted);
    }

    [Fact]
    public async Task What_the_console_knew_before_it_was_restored_is_let_go_by_nobody_else()
    {
        await using var console = await FakeConsole.StartAsync();
        Policy(console, Bounded, "none");
        console.Desk.Verdict = _ => "review";
        console.Once("GET", "/actions/a-17", Reply.Refuse(404, "There is no such thing."));
        var (clock, jitter) = (new NotedClock(), 1d);
        await using var client = Client(console, clock, () => jitter);
        await client.GetPolicyAsync();
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17"));
        await Connected.UntilAsync(() => clock.HasWait(Backoff.Delay(0, 1, null)));

        // Asked anew, and there is nobody: a person may have refused it before.
        await console.RestartAsync(async () =>
        {
            jitter = 0;
            clock.Advance(TimeSpan.FromSeconds(1));
            var attempts = clock.Waits;
            await Connected.UntilAsync(() => asking.IsCompleted || clock.Waits > attempts + 200);
            Assert.False(asking.IsCompleted);
        });
    }

    [Fact]
    public async Task A_stop_that_was_heard_is_stronger_than_what_the_policy_would_let_go()
    {
        await using var console = await FakeConsole.StartAsync();
        Policy(console, Bounded, "none");
        await using var client = Client(console, new NotedClock());
        await client.GetPolicyAsync();
        await using var session = await client.OpenSessionAsync("s-1");
        console.Desk.Command("s-1", "stop", "stopped");
        await Connected.UntilAsync(() => session.Stopped.IsCancellationRequested);

        await console.RestartAsync(async () =>
        {
            var decision = await session.RequestAsync(Connected.Expense());
            Assert.True(decision is { Proceed: false, Status: ActionStatus.Stopped });
        });
    }

    [Fact]
    public async Task What_was_done_offline_stands_in_the_transcript_once_the_console_is_back()
    {
        await using var console = await FakeConsole.StartAsync();
        Policy(console, Bounded, "none");
        await using var client = Client(console, new NotedClock());
        await client.GetPolicyAsync();
        await using var session = await client.OpenSessionAsync("s-1");
        Task report = Task.CompletedTask;
        await console.RestartAsync(async () =>
        {
            var decision = await session.RequestAsync(Connected.Expense() with { Summary = "Lunch" });
            Assert.True(decision.Proceed);
            Assert.Null(await session.ClaimAsync(decision));
            report = session.ReportResultAsync(decision.ActionId, succeeded: true);
        });

        await report;
        var told = Assert.Single(console.To("POST", "/messages"));
        Assert.Contains("Lunch", told.Body, StringComparison.Ordinal);
        Assert.Contains("offline-a-17", told.Body, StringComparison.Ordinal);
        Assert.Empty(console.To("POST", "/result"));
    }

    /// <summary>Asks while the console is down; null when the action still waits after many attempts, and is then decided by the console, which is back.</summary>
    /// <param name="decides">True where an answer is expected: then it is waited for, however often others of the client try meanwhile.</param>
    private static async Task<ActionDecision?> AskOfflineAsync(
        string policy, AgentAction action, string beyond = "none", Action<NotedClock>? whileDown = null, Func<FakeConsole, HandrailSession, Task>? before = null, bool decides = false)
    {
        var clock = new NotedClock();
        await using var console = await FakeConsole.StartAsync();
        Policy(console, policy, beyond);
        await using var client = Client(console, clock);
        await client.GetPolicyAsync();
        await using var session = await client.OpenSessionAsync("s-1");
        if (before is not null)
        {
            await before(console, session);
        }

        ActionDecision? offline = null;
        Task<ActionDecision> asking = Task.FromResult<ActionDecision>(null!);
        await console.RestartAsync(async () =>
        {
            whileDown?.Invoke(clock);
            asking = session.RequestAsync(action);
            var attempts = clock.Waits;
            await Connected.UntilAsync(() => asking.IsCompleted || (!decides && clock.Waits > attempts + 200));
            offline = asking.IsCompleted ? await asking : null;
        });

        if (offline is null)
        {
            Assert.False((await asking).DecidedOffline);
        }

        return offline;
    }

    private static HandrailClient Client(FakeConsole console, NotedClock clock, Func<double>? jitter = null) => new(new HandrailClientOptions
    {
        Endpoint = console.Address,
        ApiKey = "hra_test",
        Agent = "expense-approver",
        TimeProvider = clock,
        OfflineAfter = TimeSpan.Zero,
        Jitter = jitter ?? (() => 0),
        UseHub = false,
    });

    private static void Policy(FakeConsole console, string policy, string beyond) => console.Always("GET", "/policy", request =>
        request.Headers.ContainsKey("If-None-Match") ? null : Reply.Ok(new JsonObject
        {
            ["agent"] = "expense-approver",
            ["version"] = "1.1",
            ["layers"] = new JsonArray(new JsonObject { ["scope"] = "fleet", ["version"] = 1, ["policy"] = JsonNode.Parse(policy) }),
        }).With("ETag", "\"1\"").With("x-handrail-beyond-policy", beyond).With("Date", DateTimeOffset.UnixEpoch.AddYears(56).ToString("R", CultureInfo.InvariantCulture)));
}
