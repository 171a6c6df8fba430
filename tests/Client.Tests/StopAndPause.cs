using System.Text.Json.Nodes;
using Handrail.Client.Tests.Fakes;
using Xunit;

namespace Handrail.Client.Tests;

public sealed class StopAndPause
{
    [Fact]
    public async Task A_stop_fires_the_token_ends_the_wait_and_is_acknowledged()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.RequestAsync(Connected.Expense(), session.Stopped);
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17"));

        console.Desk.Command("s-1", "stop", "stopped");

        var decision = await asking;
        Assert.False(decision.Proceed);
        Assert.Equal((ActionVerdict.Stop, ActionStatus.Stopped), (decision.Verdict, decision.Status));
        Assert.True(session.Stopped.IsCancellationRequested);
        var ack = await console.TakenAsync(request => request.Is("POST", "/control/ack"));
        Assert.Equal(1, (int)ack.Json["seq"]!);
    }

    [Fact]
    public async Task An_agent_that_leaves_as_soon_as_it_is_stopped_has_acknowledged_it()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        var (session, held) = await ListeningAsync(console, client);
        await using (session)
        {
            console.Once("POST", "/actions/a-1/result", new Reply(200).With("x-handrail-control", "stopped"));
            console.Desk.Command("s-1", "stop", "stopped");
            await session.ReportResultAsync("a-1", succeeded: true);
            Assert.True(session.Stopped.IsCancellationRequested);
        }

        held.SetResult();

        // Cut off while it says so, it says so again: to the console that is one acknowledgement.
        Assert.Equal(1, Assert.Single(console.To("POST", "/control/ack").Select(request => (int)request.Json["seq"]!).Distinct()));
    }

    [Fact]
    public async Task An_agent_that_leaves_says_so_again_where_a_busy_console_refuses_for_a_moment()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        var (session, held) = await ListeningAsync(console, client);
        await using (session)
        {
            // What is asked next, the reading of the order and then its acknowledgement, is refused once each.
            console.Once("GET", "/control", new Reply(503));
            console.Once("POST", "/control/ack", new Reply(503));
            console.Once("POST", "/actions/a-1/result", new Reply(200).With("x-handrail-control", "stopped"));
            console.Desk.Command("s-1", "stop", "stopped");
            await session.ReportResultAsync("a-1", succeeded: true);
        }

        held.SetResult();
        Assert.True(console.To("POST", "/control/ack").Count >= 2);
    }

    [Fact]
    public async Task A_stop_heard_on_any_answer_counts_and_beats_the_allow_that_it_came_with()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var yes = FakeDesk.Decided("s-1", "a-17", "allow", "allowed", proceed: true);
        console.Always("POST", "/actions", _ => Reply.Ok(yes).With("x-handrail-control", "stopped"));

        var decision = await session.RequestAsync(Connected.Expense());

        Assert.False(decision.Proceed);
        Assert.True(session.Stopped.IsCancellationRequested);
    }

    [Fact]
    public async Task An_allow_that_arrives_after_the_stop_is_not_taken()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var released = new TaskCompletionSource();
        console.Always("POST", "/actions", _ =>
            Reply.Ok(FakeDesk.Decided("s-1", "a-17", "allow", "allowed", proceed: true)) with { After = released.Task });

        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("POST", "/actions"));
        console.Desk.Command("s-1", "stop", "stopped");
        await Connected.UntilAsync(() => session.Stopped.IsCancellationRequested);
        released.SetResult();

        Assert.False((await asking).Proceed);
    }

    [Fact]
    public async Task A_stop_is_for_good_and_nothing_is_asked_after_it()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Desk.Command("s-1", "stop", "stopped");
        await Connected.UntilAsync(() => session.Stopped.IsCancellationRequested);
        console.Desk.Command("s-1", "resume", "running");
        await console.TakenAsync(request => request.Is("POST", "/control/ack") && (int)request.Json["seq"]! == 2);

        var decision = await session.RequestAsync(Connected.Expense());

        Assert.False(decision.Proceed);
        Assert.True(session.Stopped.IsCancellationRequested);
        Assert.Empty(console.To("POST", "/actions"));
    }

    [Fact]
    public async Task A_verdict_of_stop_stops_the_session()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "stop";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        Assert.False((await session.RequestAsync(Connected.Expense())).Proceed);

        Assert.True(session.Stopped.IsCancellationRequested);
    }

    [Fact]
    public async Task What_the_agent_registered_on_the_stop_may_fail_without_weakening_it()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        session.Stopped.Register(() => throw new InvalidOperationException("badly written agent"));

        console.Desk.Command("s-1", "stop", "stopped");
        await console.TakenAsync(request => request.Is("POST", "/control/ack"));

        Assert.False((await session.RequestAsync(Connected.Expense())).Proceed);
    }

    [Fact]
    public async Task A_pause_is_seen_acknowledged_and_waited_out()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");

        console.Desk.Command("s-1", "pause", "paused");
        await console.TakenAsync(request => request.Is("POST", "/control/ack"));
        Assert.True(session.IsPaused);
        var waiting = session.WaitWhilePausedAsync();
        Assert.False(waiting.IsCompleted);
        console.Desk.Command("s-1", "resume", "running");

        await waiting;
        Assert.False(session.IsPaused);
    }

    [Fact]
    public async Task An_action_asked_for_while_paused_is_asked_again_when_the_session_goes_on()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Desk.Command("s-1", "pause", "paused");
        await Connected.UntilAsync(() => session.IsPaused);

        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("POST", "/actions"));
        Assert.False(asking.IsCompleted);
        console.Desk.Command("s-1", "resume", "running");

        Assert.True((await asking).Proceed);
        Assert.Single(console.To("POST", "/actions").Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task An_approval_that_arrives_during_a_pause_is_read_again_when_the_session_goes_on()
    {
        await using var console = await FakeConsole.StartAsync();
        console.Desk.Verdict = _ => "review";
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var asking = session.RequestAsync(Connected.Expense());
        await console.TakenAsync(request => request.Is("GET", "/actions/a-17"));
        console.Desk.Command("s-1", "take_over", "taken_over");
        await Connected.UntilAsync(() => session.IsTakenOver);

        console.Desk.Decide("s-1", "a-17", "approved", proceed: true);
        await Connected.UntilAsync(() => console.To("POST", "/control/ack").Count == 1);
        console.Desk.Decide("s-1", "a-17", "cancelled", proceed: false);
        console.Desk.Command("s-1", "hand_back", "running");

        var decision = await asking;
        Assert.False(decision.Proceed);
        Assert.Equal(ActionStatus.Cancelled, decision.Status);
    }

    [Fact]
    public async Task A_pause_that_ends_in_a_stop_ends_the_wait_too()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Desk.Command("s-1", "pause", "paused");
        await Connected.UntilAsync(() => session.IsPaused);
        var waiting = session.WaitWhilePausedAsync();

        console.Desk.Command("s-1", "stop", "stopped");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task What_a_person_tells_the_agent_is_raised_and_acknowledged_in_order()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        var heard = new System.Collections.Concurrent.ConcurrentQueue<ControlCommand>();
        session.CommandReceived += (_, command) => heard.Enqueue(command);

        console.Desk.Command("s-1", "message", "running", new JsonObject { ["text"] = "Use the March rates" });
        console.Desk.Command("s-1", "do_a_somersault", "running");
        console.Desk.Command("s-1", "take_over", "taken_over");
        console.Desk.Command("s-1", "hand_back", "running");
        console.Desk.Command("s-1", "disable", "running", new JsonObject { ["tool"] = "send_mail" });
        await Connected.UntilAsync(() => heard.Count == 5);
        await Connected.UntilAsync(() => console.To("POST", "/control/ack").Count == 4);

        Assert.Equal(
            [ControlKind.Message, ControlKind.Unknown, ControlKind.TakeOver, ControlKind.HandBack, ControlKind.Disable], heard.Select(command => command.Kind));
        Assert.Equal("Use the March rates", heard.First().Text);
        Assert.Equal([1, 3, 4, 5], console.To("POST", "/control/ack").Select(ack => (int)ack.Json["seq"]!));
    }

    [Fact]
    public async Task A_handler_that_blocks_or_fails_does_not_keep_a_stop_from_being_heard()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        using var released = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        session.CommandReceived += (_, _) =>
        {
            entered.Set();
            released.Wait();
            throw new InvalidOperationException("badly written agent");
        };
        console.Desk.Command("s-1", "message", "running", new JsonObject { ["text"] = "Hello" });
        await Connected.UntilAsync(() => entered.IsSet);

        console.Desk.Command("s-1", "stop", "stopped");

        await Connected.UntilAsync(() => session.Stopped.IsCancellationRequested);
        await Connected.UntilAsync(() => console.To("POST", "/control/ack").Count == 2);
        released.Set();
    }

    [Fact]
    public async Task An_acknowledgement_that_got_lost_is_sent_again()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Once("POST", "/control/ack", new Reply(503), new Reply(200) { Drop = true });

        console.Desk.Command("s-1", "pause", "paused");

        await Connected.UntilAsync(() => console.To("POST", "/control/ack").Count == 3);
        Assert.True(session.IsPaused);
    }

    [Fact]
    public async Task A_stop_is_heard_after_an_outage_of_the_console()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console, jitter: () => 0.1);
        await using var session = await client.OpenSessionAsync("s-1");

        await console.RestartAsync(() =>
        {
            console.Desk.Command("s-1", "stop", "stopped");
            return Task.CompletedTask;
        });

        await Connected.UntilAsync(() => session.Stopped.IsCancellationRequested);
    }

    [Fact]
    public async Task A_late_running_on_another_answer_does_not_undo_a_pause()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        console.Desk.Command("s-1", "pause", "paused");
        await Connected.UntilAsync(() => session.IsPaused);
        console.Once("POST", "/actions/a-1/result", new Reply(200).With("x-handrail-control", "running"));

        await session.ReportResultAsync("a-1", succeeded: true);

        Assert.True(session.IsPaused);
    }

    [Fact]
    public async Task A_late_paused_on_another_answer_holds_and_is_looked_into_at_once()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var session = await client.OpenSessionAsync("s-1");
        await console.TakenAsync(request => request.Is("GET", "/control") && request.Query == "?after=0&wait=30");
        console.Once("POST", "/actions/a-1/result", new Reply(200).With("x-handrail-control", "paused"));

        await session.ReportResultAsync("a-1", succeeded: true);
        await console.TakenAsync(request => request.Is("GET", "/control") && request.Query == "?after=0&wait=0");

        await session.WaitWhilePausedAsync();
    }

    [Fact]
    public async Task An_agent_that_is_stopped_as_a_whole_stops_each_of_its_sessions()
    {
        await using var console = await FakeConsole.StartAsync();
        await using var client = Connected.Client(console);
        await using var first = await client.OpenSessionAsync("s-1");
        await using var second = await client.OpenSessionAsync("s-2");
        await console.TakenAsync(request => request.Is("GET", "/policy") && request.Query == "?wait=30");
        console.Once("GET", "/agents/expense-approver/policy", new Reply(304).With("x-handrail-control", "stopped"));

        console.Desk.Publish();

        await Connected.UntilAsync(() => first.Stopped.IsCancellationRequested && second.Stopped.IsCancellationRequested);
    }

    /// <summary>A session whose reading of orders is held up at the console until that is let go.</summary>
    private static async Task<(HandrailSession Session, TaskCompletionSource Held)> ListeningAsync(FakeConsole console, HandrailClient client)
    {
        var held = new TaskCompletionSource();
        console.Once("GET", "/control", new Reply(503) { After = held.Task });
        var session = await client.OpenSessionAsync("s-1");
        await console.TakenAsync(request => request.Is("GET", "/control"));
        return (session, held);
    }
}
