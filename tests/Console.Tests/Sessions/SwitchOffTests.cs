using System.Text.Json;
using Handrail.Grants;
using Handrail.Host;
using Handrail.ReadBack;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Sessions;

/// <summary>What switching one tool or one action type off over the whole fleet promises.</summary>
public sealed class SwitchOffTests
{
    private static async Task<Answer> AskAsync(ConsoleHost host, string session, string id, string tool, string agent = "desk") =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = id, agent, type = "mail.send", tool })).Expect(200);

    private static async Task SwitchAsync(ConsoleHost host, bool off, string tool, string reason = "phishing") =>
        (await host.Admin.PostAsync($"/api/v1/fleet/{(off ? "disable" : "enable")}", new { tool, reason })).Expect(200);

    [Theory, Databases]
    public async Task What_of_it_waits_or_was_let_go_is_void_for_good_however_its_name_is_spelled_and_all_else_goes_on(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var approved = await AskAsync(host, "s-1", "a-approved", "smtp");
        (await host.Admin.PostAsync($"/api/v1/handoffs/{approved.Text("handoff_id")}/approve", new { })).Expect(200);
        var pending = await AskAsync(host, "s-1", "a-pending", "Smtp");
        var other = await AskAsync(host, "s-1", "a-other", "fax");
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        Assert.True((await AskAsync(host, "s-2", "a-allowed", "SMTP", "counter"))["proceed"].GetBoolean());
        (await AskAsync(host, "s-2", "a-done", "smtp", "counter")).Expect(200);
        (await host.ClaimAsync("s-2", "a-done")).Expect(200);
        var waiting = host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-pending?wait=30");

        await SwitchAsync(host, off: true, "smtp ");

        Assert.Equal("cancelled", (await waiting).Expect(200).Text("status"));
        await SwitchAsync(host, off: false, "SMTP");
        foreach (var (session, id) in new[] { ("s-1", "a-approved"), ("s-1", "a-pending"), ("s-2", "a-allowed") })
        {
            var voided = await host.LookAsync(session, id);
            Assert.Equal(("cancelled", false), (voided.Text("status"), voided["proceed"].GetBoolean()));
            Assert.Contains("phishing", voided.Text("note"));
            (await host.ClaimAsync(session, id)).Expect(409);
        }

        Assert.Equal("cancelled", (await host.Admin.ReadAsync($"/api/v1/handoffs/{pending.Text("handoff_id")}")).Expect(200).Text("status"));
        Assert.Equal("open", (await host.Admin.ReadAsync($"/api/v1/handoffs/{other.Text("handoff_id")}")).Expect(200).Text("status"));
        Assert.Equal(1, (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["open_handoffs"].GetInt32());
        Assert.Equal("claimed", (await host.LookAsync("s-2", "a-done")).Text("execution"));
        Assert.Equal("allow", (await AskAsync(host, "s-2", "a-again", "smtp", "counter")).Text("verdict"));
    }

    [Theory, Databases]
    public async Task Every_process_denies_it_from_the_next_answer_on(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        for (var round = 0; round < 10; round++)
        {
            await SwitchAsync(host, off: true, "smtp");
            Assert.Equal("deny", (await AskAsync(second ?? host, "s-1", $"off-{round}", "smtp")).Text("verdict"));
            await SwitchAsync(second ?? host, off: false, "smtp");
            Assert.Equal("allow", (await AskAsync(host, "s-1", $"on-{round}", "smtp")).Text("verdict"));
        }
    }

    [Theory, Databases]
    public async Task Agents_at_work_are_told_by_hub_events_and_long_poll_and_one_that_comes_later_is_told_what_is_off(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, onPorts: true);
        await AskAsync(host, "s-1", "a-1", "fax");
        await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
        await hub.SubscribeAsync("desk");
        await hub.NextAsync("PolicyChanged");
        Assert.Equal(0, (await hub.NextAsync("Control")).GetProperty("disabled").GetArrayLength());
        await using var events = await EventReader.OpenAsync(host.Agent, "desk");
        await events.NextAsync("policy");
        Assert.Equal(0, (await events.NextAsync("control")).GetProperty("disabled").GetArrayLength());
        var polling = host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0&wait=30");

        await SwitchAsync(host, off: true, "smtp");

        var heard = await hub.NextAsync("Control");
        var streamed = await events.NextAsync("control");
        var polled = (await polling).Expect(200);
        foreach (var told in new[] { heard, streamed, polled.Body })
        {
            var command = Assert.Single(told.GetProperty("commands").EnumerateArray());
            Assert.Equal(("disable", "phishing", "smtp"), (command.GetProperty("kind").GetString(), command.GetProperty("reason").GetString(), command.GetProperty("payload").GetProperty("tool").GetString()));
            Assert.Equal("running", told.GetProperty("state").GetString());
            Assert.Equal("smtp", Assert.Single(told.GetProperty("disabled").EnumerateArray()).GetProperty("tool").GetString());
        }

        await AskAsync(host, "s-later", "a-1", "fax");
        var later = (await host.Agent.ReadAsync("/api/v1/sessions/s-later/control")).Expect(200);
        Assert.Equal((0, 1), (later["commands"].GetArrayLength(), later["disabled"].GetArrayLength()));
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/control/ack", new { seq = polled["seq"].GetInt64() })).Expect(200);

        await SwitchAsync(host, off: false, "smtp");
        var over = await hub.NextAsync("Control");
        Assert.Equal("enable", over.GetProperty("commands")[0].GetProperty("kind").GetString());
        Assert.Equal(0, over.GetProperty("disabled").GetArrayLength());
    }

    [Theory]
    [InlineData("Viewer", 403)]
    [InlineData("Reviewer", 403)]
    [InlineData("OnCall", 200)]
    public async Task Only_those_who_may_control_switch_and_the_record_says_who_and_why(string role, int status)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = await host.PersonAsync(role);

        (await person.Client.PostAsync("/api/v1/fleet/disable", new { type = "mail.send", reason = "phishing" })).Expect(status);

        (await host.Agent.PostAsync("/api/v1/fleet/disable", new { tool = "smtp", reason = "x" })).Expect(403);
        (await host.Anonymous.PostAsync("/api/v1/fleet/disable", new { tool = "smtp", reason = "x" })).Expect(401);
        (await host.Agent.ReadAsync("/api/v1/fleet/disabled")).Expect(403);
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = " ", reason = "x" })).Expect(400);
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = "a", type = "b", reason = "x" })).Expect(400);
        Assert.Equal(status == 200 ? 1 : 0, (await person.Client.ReadAsync("/api/v1/fleet/disabled")).Expect(200)["items"].GetArrayLength());
        var audit = (await host.Admin.ReadAsync("/api/v1/audit?act=fleet.disable")).Expect(200)["items"].EnumerateArray().ToList();
        Assert.Equal(status == 200 ? 1 : 0, audit.Count);
        Assert.All(audit, e => Assert.Equal((person.Email, "phishing", "type:mail.send"), (e.GetProperty("actor").GetString(), e.GetProperty("reason").GetString(), e.GetProperty("target").GetString())));
    }
}
