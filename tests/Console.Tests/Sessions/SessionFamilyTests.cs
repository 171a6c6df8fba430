using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Sessions;

/// <summary>A stop reaches what the stopped session has started, and says beforehand whom.</summary>
public sealed class SessionFamilyTests
{
    private static int Races => LongRun.Wanted ? 1_000 : 80;

    private static async Task OpenAsync(ConsoleHost host, string session, string? parent = null, string agent = "desk") =>
        (await host.Agent.SendAsync(HttpMethod.Put, $"/api/v1/sessions/{session}", new { agent, parent_session_id = parent })).Expect(200);

    private static async Task<string> VerdictAsync(ConsoleHost host, string session, string agent = "desk", string id = "a-after") =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = id, agent, type = "note.write" })).Expect(200).Text("verdict");

    private static async Task<string> StateAsync(ConsoleHost host, string session) => (await host.Admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200).Text("state");

    [Theory, Databases]
    public async Task Stopping_a_session_stops_all_below_it_also_below_what_is_over_and_nothing_beside_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await OpenAsync(host, "top");
        await OpenAsync(host, "child", "top", "crawler");
        await OpenAsync(host, "over", "top");
        await OpenAsync(host, "grandchild", "over", "writer");
        await OpenAsync(host, "beside");
        await OpenAsync(host, "above");
        await OpenAsync(host, "top", "above");
        (await host.Agent.PostAsync("/api/v1/sessions/over/end", new { outcome = "completed" })).Expect(200);
        var waiting = (await host.Agent.PostAsync("/api/v1/sessions/grandchild/actions", new { action_id = "a-1", agent = "writer", type = "note.write" })).Expect(200).Text("handoff_id");

        var reach = (await host.Admin.ReadAsync("/api/v1/sessions/top/stop/reach")).Expect(200);
        Assert.Equal((3, 2), (reach["sessions"].GetInt32(), reach["below"].GetInt32()));
        Assert.Equal(["crawler", "desk", "writer"], reach["agents"].EnumerateArray().Select(a => a.GetProperty("agent").GetString()));
        (await host.Admin.PostAsync("/api/v1/sessions/top/stop", new { reason = "runaway" })).Expect(200);

        foreach (var (session, agent) in new[] { ("top", "desk"), ("child", "crawler"), ("grandchild", "writer") })
        {
            Assert.Equal("stop", await VerdictAsync(host, session, agent));
            var told = (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/control?after=0")).Expect(200);
            Assert.Equal("stop", told["commands"][0].GetProperty("kind").GetString());
            Assert.Contains("runaway", told["commands"][0].GetProperty("reason").GetString());
        }

        Assert.Equal("completed", await StateAsync(host, "over"));
        Assert.NotEqual("stop", await VerdictAsync(host, "beside"));
        Assert.NotEqual("stop", await VerdictAsync(host, "above"));
        Assert.Equal("cancelled", (await host.Admin.ReadAsync($"/api/v1/handoffs/{waiting}")).Expect(200).Text("status"));
        Assert.Equal(0, (await host.Admin.ReadAsync("/api/v1/sessions/top/stop/reach")).Expect(200)["sessions"].GetInt32());
    }

    [Theory, Databases]
    public async Task Whoever_may_not_see_all_that_a_stop_reaches_is_told_how_much_more_it_is_and_nothing_else(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await OpenAsync(host, "top");
        await OpenAsync(host, "child", "top", "crawler");
        await OpenAsync(host, "hidden", "top", "payroll");
        await OpenAsync(host, "deeper", "hidden", "desk");
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/payroll", new { team = "default", data_scopes = new[] { "salaries" } })).Expect(200);
        var onCall = await host.PersonAsync("OnCall");

        foreach (var path in new[] { "/api/v1/sessions/top/stop/reach", "/api/v1/agents/desk/stop/reach", "/api/v1/fleet/stop/reach" })
        {
            var (all, seen) = ((await host.Admin.ReadAsync(path)).Expect(200), (await onCall.Client.ReadAsync(path)).Expect(200));
            Assert.Equal(0, all["hidden"].GetInt32());
            Assert.Equal(all["sessions"].GetInt32(), seen["sessions"].GetInt32() + seen["hidden"].GetInt32());
            Assert.True(seen["hidden"].GetInt32() > 0, $"{path}: {seen.Body}");
            Assert.DoesNotContain("payroll", seen.Body.ToString());
        }

        (await onCall.Client.ReadAsync("/api/v1/sessions/hidden/stop/reach")).Expect(404);
        Assert.Equal(
            "It reaches 1 session now, of desk; and 2 more that you may not see. They stop.",
            new OrderWords("", "They stop.", "", "", MudBlazor.Color.Error).Reaching(new StopReach(1, 0, [new AgentReach("desk", 1)]) { Hidden = 2 }).Effect);
        Assert.Equal(
            "It reaches sessions now: 2 that you may not see. They stop.",
            new OrderWords("", "They stop.", "", "", MudBlazor.Color.Error).Reaching(new StopReach(0, 0, []) { Hidden = 2 }).Effect);
    }

    [Theory, Databases]
    public async Task What_a_stopped_session_starts_afterwards_is_stopped_at_once_and_circles_end(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await OpenAsync(host, "top");
        await OpenAsync(host, "child", "top");
        await OpenAsync(host, "top", "child");
        (await host.Admin.PostAsync("/api/v1/sessions/top/stop", new { reason = "runaway" })).Expect(200);
        await OpenAsync(host, "late");
        await OpenAsync(host, "later", "late");
        await OpenAsync(host, "late", "child");

        Assert.Equal("stop", await VerdictAsync(host, "child"));
        Assert.Equal("stop", await VerdictAsync(host, "late"));
        Assert.Equal("stop", await VerdictAsync(host, "later"));
    }

    [Theory, Databases]
    public async Task Stopping_an_agent_stops_what_its_sessions_have_started_with_other_agents(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await OpenAsync(host, "s-1");
        await OpenAsync(host, "s-2", "s-1", "crawler");
        await OpenAsync(host, "s-3", agent: "crawler");

        var reach = (await host.Admin.ReadAsync("/api/v1/agents/desk/stop/reach")).Expect(200);
        Assert.Equal((2, 1), (reach["sessions"].GetInt32(), reach["below"].GetInt32()));
        Assert.Equal(3, (await host.Admin.ReadAsync("/api/v1/fleet/stop/reach")).Expect(200)["sessions"].GetInt32());
        (await host.Admin.PostAsync("/api/v1/agents/desk/stop", new { reason = "runaway" })).Expect(200);

        Assert.Equal("stop", await VerdictAsync(host, "s-2", "crawler"));
        Assert.Equal("running", await StateAsync(host, "s-3"));
    }

    [Theory, Databases]
    public async Task A_session_that_says_whose_child_it_is_while_that_is_stopped_does_not_slip_through(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        for (var race = 0; race < Races; race++)
        {
            var (top, child) = ($"top-{race}", $"child-{race}");
            await OpenAsync(host, top);
            await OpenAsync(host, child);

            await Task.WhenAll(
                (second ?? host).Admin.PostAsync($"/api/v1/sessions/{top}/stop", new { reason = "race" }),
                OpenAsync(host, child, top));

            Assert.Equal("stopping", await StateAsync(host, child));
        }
    }

    [Fact]
    public async Task What_a_stop_would_reach_is_told_to_people_alone()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        await OpenAsync(host, "s-1");
        foreach (var path in new[] { "/api/v1/sessions/s-1/stop/reach", "/api/v1/agents/desk/stop/reach", "/api/v1/fleet/stop/reach", "/api/v1/sessions/s-1/obedience" })
        {
            (await host.Agent.ReadAsync(path)).Expect(403);
            (await host.Anonymous.ReadAsync(path)).Expect(401);
            (await (await host.PersonAsync("Viewer")).Client.ReadAsync(path)).Expect(200);
        }

        (await host.Admin.ReadAsync("/api/v1/sessions/none/stop/reach")).Expect(404);
        (await host.Admin.ReadAsync("/api/v1/agents/none/stop/reach")).Expect(404);
    }
}
