using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace Handrail.ReadBack;

/// <summary>What the hub promises agents.</summary>
public sealed class HubTests
{
    [Theory, Databases]
    public async Task A_subscribed_agent_is_called_with_every_change_as_reading_it_would_say(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, onPorts: true);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
        await hub.SubscribeAsync("desk");

        Told.Same((await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Body, await hub.NextAsync("PolicyChanged"));
        Assert.Equal("running", (await hub.NextAsync("Control")).GetProperty("state").GetString());

        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        Assert.Equal("3.0", (await hub.NextAsync("PolicyChanged")).GetProperty("version").GetString());

        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        (await host.Admin.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/approve", new { note = "go" })).Expect(200);
        Told.SameButGrant((await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Body, await hub.NextAsync("ActionDecided"));

        (await host.Agent.PostAsync("/api/v1/sessions/s-1/handoffs", new { handoff_id = "q-1", agent = "desk", kind = "question", summary = "Which?" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/handoffs/q-1/answer", new { answer = new { choice = "this" } })).Expect(200);
        Told.Same((await host.Agent.ReadAsync("/api/v1/handoffs/q-1")).Body, await hub.NextAsync("HandoffAnswered"));

        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "wait" })).Expect(200);
        var order = await hub.NextAsync("Control");
        Told.Same((await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0"))["commands"], order.GetProperty("commands"));
        Assert.Equal("s-1", order.GetProperty("session_id").GetString());
    }

    [Theory, Databases]
    public async Task The_version_an_agent_says_it_holds_is_shown_in_the_registry(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, onPorts: true);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);
        await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
        await Assert.ThrowsAsync<HubException>(() => hub.Connection.InvokeAsync("HoldPolicy", "desk", "1.0"));
        await hub.SubscribeAsync("desk");

        await hub.Connection.InvokeAsync("HoldPolicy", "desk", "1.0");

        var agent = (await host.Admin.ReadAsync("/api/v1/agents/desk")).Expect(200);
        Assert.Equal("1.0", agent.Text("policy_held"));
        Assert.NotEqual(JsonValueKind.Null, agent["policy_held_at"].ValueKind);
        await Assert.ThrowsAsync<HubException>(() => hub.Connection.InvokeAsync("HoldPolicy", "desk", "<b>latest</b>"));
    }

    [Fact]
    public async Task The_hub_lets_in_keys_alone_and_tells_them_only_of_their_own_agents_and_sessions()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite, onPorts: true);
        var desk = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk", agents = new[] { "desk" } })).Expect(200).Text("key");
        var others = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "others", team = "others" })).Expect(200).Text("key"));
        (await others.SendAsync(HttpMethod.Put, "/api/v1/sessions/theirs", new { agent = "elsewhere" })).Expect(200);

        await Assert.ThrowsAsync<HttpRequestException>(() => HubListener.ConnectAsync(host.Address, null));
        await Assert.ThrowsAsync<HttpRequestException>(() => HubListener.ConnectAsync(host.Address, "hra_guessed-guessed-guessed"));
        await Assert.ThrowsAsync<HttpRequestException>(() => HubListener.ConnectAsync(host.Address, ConsoleHost.AdminToken));

        await using var hub = await HubListener.ConnectAsync(host.Address, desk, inQuery: true);
        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync("counter"));
        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync("desk", "theirs"));
        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync("desk", "nobody-s"));
        await Assert.ThrowsAsync<HubException>(() => hub.SubscribeAsync(""));
        await hub.SubscribeAsync("desk");
        Assert.Equal("1.0", (await hub.NextAsync("PolicyChanged")).GetProperty("version").GetString());
    }

    [Fact]
    public async Task Threat_20_and_32_A_key_in_the_query_opens_nothing_but_a_hub_and_a_foreign_page_opens_none()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, "/hubs/agents/negotiate");
        foreign.Headers.Add("Origin", "https://evil.example");

        (await host.Anonymous.ReadAsync($"/api/v1/agents/desk/policy?access_token={ConsoleHost.AgentKey}")).Expect(401);
        Assert.Equal(403, (int)(await host.Agent.SendAsync(foreign)).StatusCode);
    }

    [Theory, Databases]
    public async Task Threat_11_and_31_A_revoked_key_s_connection_is_closed(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, onPorts: true);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        await using var hub = await HubListener.ConnectAsync(host.Address, key.Text("key"));
        await hub.SubscribeAsync("desk");

        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(204);

        await hub.Closed;
        await Eventually.HoldsAsync("nobody is connected", () => host.Services<AgentFeeds>().Connected == 0);
    }

    [Theory, Databases]
    public async Task With_sessions_named_an_agent_hears_of_those_alone(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, onPorts: true);
        foreach (var session in new[] { "s-1", "s-2" })
        {
            (await host.Agent.SendAsync(HttpMethod.Put, $"/api/v1/sessions/{session}", new { agent = "desk" })).Expect(200);
        }

        await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
        await hub.SubscribeAsync("desk", "s-2");
        await hub.NextAsync("PolicyChanged");
        Assert.Equal(JsonValueKind.Null, (await hub.NextAsync("Control")).GetProperty("session_id").ValueKind);
        Assert.Equal("s-2", (await hub.NextAsync("Control")).GetProperty("session_id").GetString());

        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "x" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-2/pause", new { reason = "x" })).Expect(200);

        var order = await hub.NextAsync("Control");
        Assert.Equal("s-2", order.GetProperty("session_id").GetString());
        Assert.Equal("paused", order.GetProperty("state").GetString());
    }

    [Fact]
    public async Task What_is_published_through_one_process_reaches_the_hub_of_another()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Postgres);
        void Shared(IWebHostBuilder builder) => builder.UseSetting("ConnectionStrings:Handrail", database.ConnectionString);
        await using var one = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, Shared);
        await using var other = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, Shared, onPorts: true);
        await using var hub = await HubListener.ConnectAsync(other.Address, ConsoleHost.AgentKey);
        await hub.SubscribeAsync("desk");
        await hub.NextAsync("PolicyChanged");
        await hub.NextAsync("Control");

        await one.FleetPolicyAsync(new { autonomy = "off" });

        Assert.Equal("2.0", (await hub.NextAsync("PolicyChanged")).GetProperty("version").GetString());
    }
}
