using System.Text.Json;
using Handrail.Grants;
using Handrail.Host;
using Handrail.ReadBack;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Sessions;

/// <summary>What is promised of an agent that goes on after it was told otherwise.</summary>
public sealed class ObedienceTests
{
    private static async Task<ConsoleHost> StartAsync(DatabaseProvider provider, ShiftedTime time, bool onPorts = false)
    {
        var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)), onPorts);
        await host.PayerAsync();
        return host;
    }

    private static Task OrderAsync(ConsoleHost host, string path, string order = "stop") => host.Admin.PostAsync($"/api/v1/{path}/{order}", new { reason = "runaway" });

    private static async Task<Answer> ObedienceAsync(ConsoleHost host, string session) => (await host.Admin.ReadAsync($"/api/v1/sessions/{session}/obedience")).Expect(200);

    private static async Task<List<JsonElement>> AlertsAsync(ConsoleHost host, bool all = false) =>
        [.. (await host.Admin.ReadAsync($"/api/v1/notifications/alerts{(all ? "?state=all" : "")}")).Expect(200)["items"].EnumerateArray().Where(a => a.GetProperty("kind").GetString() == "not_obeyed")];

    private static async Task<JsonElement> AlertAsync(ConsoleHost host)
    {
        await Eventually.HoldsAsync("on-call is told", async () => (await AlertsAsync(host)).Count == 1);
        return (await AlertsAsync(host))[0];
    }

    [Theory, Databases]
    public async Task Threat_12_An_agent_that_does_not_acknowledge_a_stop_is_shown_with_what_it_still_sends_while_gate_and_grants_refuse_it(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await StartAsync(provider, time);
        var grant = await host.GrantAsync("s-1", "a-1");
        await OrderAsync(host, "sessions/s-1");
        Assert.True((await ObedienceAsync(host, "s-1"))["obeys"].GetBoolean());

        time.Advance(ControlQueries.AcknowledgeWithin + TimeSpan.FromSeconds(1));
        (await host.RedeemAsync(grant)).Expect(409);
        var asked = await host.AskAsync("s-1", "a-2");
        Assert.Equal(("stop", false), (asked.Text("verdict"), asked["proceed"].GetBoolean()));
        (await host.ClaimAsync("s-1", "a-2")).Expect(409);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", GrantCalls.Agent))).Expect(200);

        var shown = await ObedienceAsync(host, "s-1");
        Assert.False(shown["obeys"].GetBoolean());
        Assert.Equal(("stop", "runaway", "admin@localhost"), (shown["order"].GetProperty("kind").GetString(), shown["order"].GetProperty("reason").GetString(), shown["order"].GetProperty("by").GetString()));
        Assert.Equal((1, 1), (shown["sent_since"].GetProperty("llm_calls").GetInt32(), shown["sent_since"].GetProperty("asked").GetInt32()));
        Assert.NotEmpty(shown["keys"].EnumerateArray());
        Assert.Equal("stopping", (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Text("state"));

        var alert = await AlertAsync(host);
        Assert.Equal(("s-1", GrantCalls.Agent), (alert.GetProperty("session_id").GetString(), alert.GetProperty("agent").GetString()));
        Assert.Contains("stop by admin@localhost is not acknowledged", alert.GetProperty("title").GetString());

        (await host.Agent.PostAsync("/api/v1/sessions/s-1/control/ack", new { seq = shown["order"].GetProperty("seq").GetInt64() })).Expect(200);
        Assert.True((await ObedienceAsync(host, "s-1"))["obeys"].GetBoolean());
        await Eventually.HoldsAsync("the alert is over", async () => (await AlertsAsync(host)).Count == 0);
        Assert.Equal("resolved", Assert.Single(await AlertsAsync(host, all: true)).GetProperty("state").GetString());
    }

    [Theory, Databases]
    public async Task An_order_to_many_is_told_of_once_and_over_when_the_last_of_them_obeys_ends_or_may_go_on(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await StartAsync(provider, time);
        foreach (var session in new[] { "s-1", "s-2", "s-3" })
        {
            await host.AskAsync(session, "a-1");
        }

        await OrderAsync(host, "fleet", "pause");
        var seq = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200)["seq"].GetInt64();
        time.Advance(ControlQueries.AcknowledgeWithin + TimeSpan.FromSeconds(1));
        var alert = await AlertAsync(host);
        Assert.Contains("3 sessions", alert.GetProperty("title").GetString());
        Assert.Equal(JsonValueKind.Null, alert.GetProperty("session_id").ValueKind);

        (await host.Agent.PostAsync("/api/v1/sessions/s-1/control/ack", new { seq })).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-2/end", new { outcome = "completed" })).Expect(200);
        await host.Services<WatchObedience>().HandleAsync(default);
        Assert.Single(await AlertsAsync(host));

        await OrderAsync(host, "fleet", "resume");
        await Eventually.HoldsAsync("the alert is over", async () => (await AlertsAsync(host)).Count == 0);
        Assert.Single(await AlertsAsync(host, all: true));
    }

    [Fact]
    public async Task Threat_12_On_call_revokes_the_key_of_an_agent_that_does_not_obey_and_of_no_other()
    {
        var time = new ShiftedTime();
        await using var host = await StartAsync(DatabaseProvider.Sqlite, time, onPorts: true);
        var issued = (await host.Admin.PostAsync("/api/v1/keys", new { name = "payer", agents = new[] { GrantCalls.Agent } })).Expect(200);
        var (id, agent) = (issued.Text("id"), host.Client(issued.Text("key")));
        (await agent.PostAsync("/api/v1/sessions/s-1/actions", GrantCalls.Payment("a-1"))).Expect(200);
        await using var hub = await HubListener.ConnectAsync(host.Address, issued.Text("key"));
        var (oncall, reviewer) = ((await host.PersonAsync("OnCall")).Client, (await host.PersonAsync("Reviewer")).Client);
        Task<Answer> RevokeAsync(HttpClient who, string session = "s-1", string? key = null) => who.PostAsync($"/api/v1/sessions/{session}/revoke-key", new { key_id = key ?? id, reason = "Does not stop" });

        (await RevokeAsync(oncall)).Expect(409);
        await OrderAsync(host, "sessions/s-1");
        (await RevokeAsync(oncall)).Expect(409);
        time.Advance(ControlQueries.AcknowledgeWithin + TimeSpan.FromSeconds(1));
        (await RevokeAsync(reviewer)).Expect(403);
        (await RevokeAsync(agent)).Expect(403);
        (await RevokeAsync(host.Anonymous)).Expect(401);
        var other = (await host.Admin.PostAsync("/api/v1/keys", new { name = "other", agents = new[] { "counter" } })).Expect(200).Text("id");
        (await RevokeAsync(oncall, key: other)).Expect(404);
        (await RevokeAsync(oncall, "s-unknown")).Expect(404);
        Assert.Empty((await reviewer.ReadAsync("/api/v1/sessions/s-1/obedience")).Expect(200)["keys"].EnumerateArray());

        (await RevokeAsync(oncall)).Expect(200);

        (await agent.PostAsync("/api/v1/sessions/s-1/actions", GrantCalls.Payment("a-2"))).Expect(401);
        await hub.Closed;
        var audit = Assert.Single((await host.Admin.ReadAsync("/api/v1/audit?act=key.revoke")).Expect(200)["items"].EnumerateArray());
        Assert.Equal(($"key:{id}", "Does not stop"), (audit.GetProperty("target").GetString(), audit.GetProperty("reason").GetString()));
    }
}
