using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Sessions;

/// <summary>What stop, pause and resume promise.</summary>
public sealed class ControlTests
{
    private static object Ask(string id, string agent = "desk") => new { action_id = id, agent, type = "note.write", summary = "Write a note" };

    private static async Task<Answer> AskAsync(ConsoleHost host, string session, string id, string agent = "desk") =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", Ask(id, agent))).Expect(200);

    [Theory, Databases]
    public async Task After_a_stop_every_gate_call_answers_stop_and_nothing_that_waits_or_was_let_go_may_go(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var pending = await AskAsync(host, "s-1", "a-pending");
        var approved = await AskAsync(host, "s-1", "a-approved");
        (await host.Admin.PostAsync($"/api/v1/handoffs/{approved.Text("handoff_id")}/approve", new { })).Expect(200);
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        Assert.True((await AskAsync(host, "s-1", "a-allowed"))["proceed"].GetBoolean());
        var oncall = await host.PersonAsync("OnCall");
        var waiting = host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-pending?wait=30");

        (await oncall.Client.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "runaway" })).Expect(200);

        var next = await AskAsync(host, "s-1", "a-next");
        Assert.Equal("stop", next.Text("verdict"));
        Assert.Equal("stopped", next.Text("status"));
        Assert.Equal("stopped", next.Header("x-handrail-control"));
        foreach (var id in new[] { "a-pending", "a-approved", "a-allowed" })
        {
            var voided = (await host.Agent.ReadAsync($"/api/v1/sessions/s-1/actions/{id}")).Expect(200);
            Assert.Equal("cancelled", voided.Text("status"));
            Assert.False(voided["proceed"].GetBoolean());
        }

        Assert.Equal("cancelled", (await waiting).Expect(200).Text("status"));
        (await oncall.Client.ReadAsync($"/api/v1/handoffs/{pending.Text("handoff_id")}")).Expect(200);
        var late = (await host.Admin.PostAsync($"/api/v1/handoffs/{pending.Text("handoff_id")}/approve", new { })).Expect(409);
        Assert.Contains("cancelled", late.Body.ToString());
        (await oncall.Client.PostAsync("/api/v1/sessions/s-1/resume", new { })).Expect(409);
    }

    [Theory, Databases]
    public async Task A_stop_is_stopping_until_the_agent_says_so(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await AskAsync(host, "s-1", "a-1");
        var waiting = host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0&wait=30");

        (await host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "enough" })).Expect(200);

        // Where the database takes its time, the agent hears that it is stopped first, and then of the command.
        var told = (await waiting).Expect(200);
        Assert.Equal("stopped", told.Text("state"));
        var heard = told["commands"].GetArrayLength() > 0 ? told : (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200);
        var command = heard["commands"][0];
        Assert.Equal("stopped", heard.Text("state"));
        Assert.Equal("stop", command.GetProperty("kind").GetString());
        Assert.Equal("enough", command.GetProperty("reason").GetString());
        Assert.Equal("stopping", (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Text("state"));
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/control/ack", new { seq = command.GetProperty("seq").GetInt64() })).Expect(200);
        Assert.Equal("stopped", (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Text("state"));
        var after = (await host.Agent.ReadAsync($"/api/v1/sessions/s-1/control?after={heard["seq"]}")).Expect(200);
        Assert.Equal(0, after["commands"].GetArrayLength());
    }

    [Theory, Databases]
    public async Task A_paused_agent_is_held_and_goes_on_where_it_was(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await AskAsync(host, "s-1", "a-1");
        await AskAsync(host, "s-2", "a-1", agent: "other");

        (await host.Admin.PostAsync("/api/v1/agents/desk/pause", new { reason = "look" })).Expect(200);

        var held = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(409);
        Assert.NotNull(held.Message.Headers.RetryAfter);
        Assert.Equal("paused", held.Header("x-handrail-control"));
        (await host.Agent.PostAsync("/api/v1/sessions/s-new/actions", Ask("a-1"))).Expect(409);
        await AskAsync(host, "s-2", "a-2", agent: "other");
        Assert.Equal("paused", (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Text("state"));

        (await host.Admin.PostAsync("/api/v1/agents/desk/resume", new { reason = "ok" })).Expect(200);
        await AskAsync(host, "s-1", "a-2");
        Assert.Equal("waiting", (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Text("state"));
    }

    [Theory, Databases]
    public async Task An_agent_that_asks_in_a_session_of_another_is_held_when_the_other_is(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await AskAsync(host, "s-1", "a-1");
        await AskAsync(host, "s-1", "a-2", agent: "other");

        (await host.Admin.PostAsync("/api/v1/agents/desk/pause", new { reason = "look at desk" })).Expect(200);

        var held = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-3", "other"))).Expect(409);
        Assert.Contains("look at desk", held.Body.ToString());
        Assert.Equal("paused", (await AskAsync(host, "s-1", "a-2", agent: "other")).Header("x-handrail-control"));
        Assert.Equal("running", (await AskAsync(host, "s-2", "a-1", agent: "other")).Header("x-handrail-control"));
    }

    [Theory, Databases]
    public async Task A_fleet_stop_holds_for_present_and_future_sessions_until_resumed_and_the_stopped_stay_stopped(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await AskAsync(host, "s-1", "a-1");

        (await host.Admin.PostAsync("/api/v1/fleet/stop", new { reason = "incident" })).Expect(200);

        Assert.Equal("stop", (await AskAsync(host, "s-1", "a-2")).Text("verdict"));
        Assert.Equal("stop", (await AskAsync(host, "s-2", "a-1", agent: "never-seen")).Text("verdict"));

        (await host.Admin.PostAsync("/api/v1/fleet/resume", new { reason = "over" })).Expect(200);
        Assert.Equal("stop", (await AskAsync(host, "s-1", "a-3")).Text("verdict"));
        Assert.Equal("review", (await AskAsync(host, "s-3", "a-1")).Text("verdict"));
    }

    [Theory, Databases]
    public async Task Where_a_stopped_agent_asked_in_sessions_of_others_these_wait_only_for_what_is_left(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous", review = new { sample_rate = 1 } });
        foreach (var session in new[] { "s-free", "s-waits" })
        {
            // A sample holds nobody up.
            await AskAsync(host, session, "a-sampled", "other");
        }

        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        await AskAsync(host, "s-waits", "a-1", "other");
        await AskAsync(host, "s-waits", "a-2");
        await AskAsync(host, "s-free", "a-2");
        Assert.Equal([("waiting", 1), ("waiting", 2)], [await Waiting("s-free"), await Waiting("s-waits")]);

        (await host.Admin.PostAsync("/api/v1/agents/desk/stop", new { reason = "runaway" })).Expect(200);

        Assert.Equal([("running", 0), ("waiting", 1)], [await Waiting("s-free"), await Waiting("s-waits")]);
        var (now, sessions) = (TimeProvider.System.GetUtcNow(), host.Services<SessionQueries>());
        Assert.Equal(SessionState.Running, (await sessions.OneAsync(Access.Caller.System, "s-free", now, default)).State);
        Assert.Equal(1, (await sessions.OneAsync(Access.Caller.System, "s-waits", now, default)).OpenHandoffs);

        async Task<(string State, int Open)> Waiting(string session)
        {
            var answer = (await host.Admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200);
            return (answer.Text("state"), answer["open_handoffs"].GetInt32());
        }
    }

    [Theory, Databases]
    public async Task Threat_30_Whatever_the_order_of_arrival_nothing_is_let_go_after_a_stop(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        for (var round = 0; round < 15; round++)
        {
            var session = $"s-{round}";
            var handoff = (await AskAsync(host, session, "a-1")).Text("handoff_id");

            var race = await Task.WhenAll(
                host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { }),
                host.Admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "race" }));

            Assert.Contains(race[0].Status, new[] { 200, 409 });
            race[1].Expect(200);
            var action = (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1")).Expect(200);
            Assert.Equal("cancelled", action.Text("status"));
        }
    }

    [Theory, Databases]
    public async Task A_tool_switched_off_is_denied_everywhere_until_it_is_on_again(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        var ask = (string id) => host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = id, agent = "desk", type = "mail.send", tool = "smtp" });
        Assert.Equal("allow", (await ask("a-1")).Expect(200).Text("verdict"));

        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = "smtp", reason = "phishing" })).Expect(200);
        Assert.Equal("deny", (await ask("a-2")).Expect(200).Text("verdict"));
        (await host.Admin.PostAsync("/api/v1/fleet/enable", new { tool = "smtp", reason = "over" })).Expect(200);
        Assert.Equal("allow", (await ask("a-3")).Expect(200).Text("verdict"));
    }

    [Theory]
    [InlineData("Viewer", 403)]
    [InlineData("Reviewer", 403)]
    [InlineData("OnCall", 200)]
    [InlineData("Owner", 200)]
    public async Task Only_those_who_may_control_do(string role, int status)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = await host.PersonAsync(role);
        await AskAsync(host, "s-1", "a-1");

        (await person.Client.PostAsync("/api/v1/sessions/s-1/pause", new { })).Expect(status);
        (await person.Client.PostAsync("/api/v1/agents/desk/pause", new { })).Expect(status);
        (await person.Client.PostAsync("/api/v1/fleet/pause", new { })).Expect(status);
        (await host.Agent.PostAsync("/api/v1/fleet/stop", new { })).Expect(403);
        (await host.Anonymous.PostAsync("/api/v1/fleet/stop", new { })).Expect(401);
    }

    [Fact]
    public async Task An_unknown_session_or_agent_is_not_controlled()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        (await host.Admin.PostAsync("/api/v1/sessions/none/stop", new { })).Expect(404);
        (await host.Admin.PostAsync("/api/v1/agents/none/stop", new { })).Expect(404);
        (await host.Agent.ReadAsync("/api/v1/sessions/none/control")).Expect(404);
    }
}
