using Handrail.Access;
using Handrail.Host;
using Handrail.Policy;
using Handrail.ReadBack;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;

namespace Handrail.Sessions;

/// <summary>A stop works with the database slow or gone: this process answers by it, and writes it down when it can.</summary>
public sealed class LatchTests
{
    private const string Held = "SELECT 1 FROM sessions FOR UPDATE; LOCK TABLE scope_controls, control_commands IN EXCLUSIVE MODE";

    private static object Ask(string id) => new { action_id = id, agent = "desk", type = "note.write" };

    /// <summary>A session of one agent, and one of another agent that it has started.</summary>
    private static async Task OpenFamilyAsync(ConsoleHost host)
    {
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-child", new { agent = "other", parent_session_id = "s-1" })).Expect(200);
    }

    [Fact]
    public async Task A_stop_is_obeyed_while_the_database_is_gone_and_stands_in_the_record_once_it_is_back()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var cluster = await PrivatePostgres.StartAsync(durable: true);
        var database = await cluster.CreateDatabaseAsync();
        await using (var host = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, h => h.UseSetting("ConnectionStrings:Handrail", database), onPorts: true))
        {
            await host.FleetPolicyAsync(new { autonomy = "autonomous" });
            Assert.True((await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-1"))).Expect(200)["proceed"].GetBoolean());
            var (reviewer, oncall) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("OnCall"));
            (await reviewer.Client.ReadAsync("/api/v1/handoffs")).Expect(200);
            (await oncall.Client.ReadAsync("/api/v1/handoffs")).Expect(200);
            await using var hub = await HubListener.ConnectAsync(host.Address, ConsoleHost.AgentKey);
            await hub.SubscribeAsync("desk");
            await hub.NextAsync("PolicyChanged");
            await hub.NextAsync("Control");
            var waiting = host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0&wait=60");
            await Eventually.HoldsAsync("the agent waits", () => host.Services<Handrail.Live.Hints>().Polling > 0);

            await cluster.PauseAsync(immediately: true);
            (await reviewer.Client.PostAsync("/api/v1/fleet/stop", new { reason = "no right to" })).Expect(403);
            (await host.Agent.PostAsync("/api/v1/fleet/stop", new { reason = "no right to" })).Expect(403);
            (await host.Client("hru_nobody-knows-this-one-0123").PostAsync("/api/v1/fleet/stop", new { reason = "who?" })).Expect(503);
            (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(503);
            var accepted = (await oncall.Client.PostAsync("/api/v1/fleet/stop", new { reason = "it runs away" })).Expect(202);

            Assert.Equal(("fleet", "stopped", oncall.Email, true), (accepted.Text("scope"), accepted.Text("state"), accepted.Text("by"), accepted["latched"].GetBoolean()));
            var next = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(200);
            Assert.Equal(("stop", "stopped", false, "stopped"), (next.Text("verdict"), next.Text("status"), next["proceed"].GetBoolean(), next.Header("x-handrail-control")));
            Assert.Contains("it runs away", next["reasons"].ToString());
            Assert.Equal("stopped", (await waiting).Expect(200).Text("state"));
            Assert.Equal("stopped", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200).Text("state"));
            Assert.Equal("stopped", (await hub.NextAsync("Control")).GetProperty("state").GetString());
            (await oncall.Client.PostAsync("/api/v1/fleet/resume", new { reason = "too soon" })).Expect(503);

            await cluster.ContinueAsync();
            await Eventually.HoldsAsync("the stop is written down", async () => (await host.Admin.ReadAsync("/api/v1/audit?act=fleet.stop")) is { Status: 200 } audit && audit["items"].GetArrayLength() > 0);
            var record = Assert.Single((await host.Admin.ReadAsync("/api/v1/audit?act=fleet.stop")).Expect(200)["items"].EnumerateArray());
            Assert.Equal((oncall.Email, "it runs away"), (record.GetProperty("actor").GetString(), record.GetProperty("reason").GetString()));
            await Eventually.HoldsAsync("nothing is latched any more", () => host.Services<OrderLatch>().Orders.Count == 0);
            (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { })).Expect(409);
            Assert.Equal("stop", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200)["commands"][0].GetProperty("kind").GetString());
            (await oncall.Client.PostAsync("/api/v1/fleet/resume", new { reason = "mended" })).Expect(200);
        }

        await cluster.StopAsync();
    }

    [Fact]
    public async Task A_stop_that_was_answered_outlives_a_crash_of_the_console_while_the_database_is_gone()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var cluster = await PrivatePostgres.StartAsync(durable: true);
        var database = await cluster.CreateDatabaseAsync();
        await using (var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = DatabaseProvider.Postgres, ConnectionString = database }))
        {
            using var agent = console.AsAgent();
            using var admin = console.AsAdministrator();
            (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
            Assert.Equal("allow", (await agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-1"))).Expect(200).Text("verdict"));
            await cluster.PauseAsync(immediately: true);
            (await admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "it runs away" })).Expect(202);

            await console.KillAsync();
            await cluster.ContinueAsync();
            await console.StartAgainAsync();

            using var after = console.AsAgent();
            Assert.Equal("stop", (await after.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(200).Text("verdict"));
            using var people = console.AsAdministrator();
            await Eventually.HoldsAsync("the stop is written down", async () => (await people.ReadAsync("/api/v1/audit?act=session.stop")).Expect(200)["items"].GetArrayLength() == 1);
            await Eventually.HoldsAsync("nothing is kept beside the database", () => !File.Exists(Path.Combine(console.DataFolder, "latched-orders.json")));
            Assert.Equal("stop", (await after.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-3"))).Expect(200).Text("verdict"));
        }

        await cluster.StopAsync();
    }

    [Theory, Databases]
    public async Task A_stop_is_obeyed_while_the_database_takes_nothing_and_nothing_is_claimed_after_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-1"))).Expect(200);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-child", new { agent = "other", parent_session_id = "s-1" })).Expect(200);
        var latch = host.Services<OrderLatch>();
        Task<Answer> stopping, claiming;
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), Held))
        {
            stopping = host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "it runs away" });
            await Eventually.HoldsAsync("the process holds the stop itself", () => latch.Orders.Count > 0);

            var next = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(200);
            Assert.Equal(("stop", "stopped"), (next.Text("verdict"), next.Header("x-handrail-control")));
            claiming = host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { });
            (await stopping).Expect(202);
            await Eventually.HoldsAsync("what it started is held as well", () => latch.State("s-child") == ControlState.Stopped);
        }

        (await claiming).Expect(409);
        await Eventually.HoldsAsync("all is written down", () => latch.Orders.Count == 0);
        Assert.Equal("cancelled", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200).Text("status"));
        foreach (var id in new[] { "s-1", "s-child" })
        {
            Assert.Equal("stopping", (await host.Admin.ReadAsync($"/api/v1/sessions/{id}")).Expect(200).Text("state"));
        }
    }

    [Theory, Databases]
    public async Task A_stop_of_an_agent_reaches_what_its_sessions_started_while_the_database_takes_nothing(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await OpenFamilyAsync(host);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-alone", new { agent = "other" })).Expect(200);
        var latch = host.Services<OrderLatch>();
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), Held))
        {
            (await host.Admin.PostAsync("/api/v1/agents/desk/stop", new { reason = "it runs away" })).Expect(202);
            await Eventually.HoldsAsync("what it started is held as well", () => latch.State("s-child", "other") == ControlState.Stopped);

            Assert.Equal(ControlState.Running, latch.State("s-alone", "other"));
        }

        await Eventually.HoldsAsync("all is written down", () => latch.Orders.Count == 0);
        Assert.Equal(("stopping", "running"), ((await host.Admin.ReadAsync("/api/v1/sessions/s-child")).Expect(200).Text("state"), (await host.Admin.ReadAsync("/api/v1/sessions/s-alone")).Expect(200).Text("state")));
    }

    [Fact]
    public async Task What_a_stopped_session_started_is_looked_for_until_the_database_says()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Postgres);
        await OpenFamilyAsync(host);
        var (latch, settings) = (host.Services<OrderLatch>(), host.Services<StoreSettings>());
        await using (await HeldDatabase.HoldAsync(settings, "LOCK TABLE control_commands IN EXCLUSIVE MODE"))
        {
            await using (await HeldDatabase.HoldAsync(settings, "LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE"))
            {
                (await host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "it runs away" })).Expect(202);
                Assert.Equal((ControlState.Stopped, ControlState.Running), (latch.State("s-1"), latch.State("s-child")));
            }

            await Eventually.HoldsAsync("what it started is held as well", () => latch.State("s-child") == ControlState.Stopped);
            var next = (await host.Agent.PostAsync("/api/v1/sessions/s-child/actions", new { action_id = "a-1", agent = "other", type = "note.write" })).Expect(200);
            Assert.Equal(("stop", "stopped"), (next.Text("verdict"), next.Header("x-handrail-control")));
        }

        await Eventually.HoldsAsync("all is written down", () => latch.Orders.Count == 0);
        Assert.Equal("stopping", (await host.Admin.ReadAsync("/api/v1/sessions/s-child")).Expect(200).Text("state"));
    }

    /// <summary>Whether somebody may stop it is known where the order is written down.</summary>
    [Theory, Databases]
    public async Task What_a_session_started_goes_on_where_the_stop_of_that_session_turns_out_to_be_nobody_s_right(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await OpenFamilyAsync(host);
        var limited = await LimitedRoleTests.PersonAsync(host, ["Viewer"], new { role = "OnCall", agents = new[] { "other" } });
        (await limited.Client.ReadAsync("/api/v1/sessions/s-child")).Expect(200);
        var latch = host.Services<OrderLatch>();
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), Held))
        {
            (await limited.Client.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "not mine" })).Expect(202);
            await Eventually.HoldsAsync("what it started is held as well", () => latch.State("s-child") == ControlState.Stopped);
        }

        await Eventually.HoldsAsync("nothing is held any more", () => latch.Orders.Count == 0);
        foreach (var id in new[] { "s-1", "s-child" })
        {
            Assert.Equal("running", (await host.Admin.ReadAsync($"/api/v1/sessions/{id}")).Expect(200).Text("state"));
        }
    }

    /// <summary>That it was delivered can't be written down then; that it is ordered can be read.</summary>
    [Theory, Databases]
    public async Task An_agent_hears_of_a_stop_while_the_database_takes_nothing_more(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "look at it" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "it runs away" })).Expect(200);
        await using (await HeldDatabase.HoldAsync(host.Services<StoreSettings>(), "LOCK TABLE control_receipts IN EXCLUSIVE MODE"))
        {
            var told = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Expect(200);
            Assert.Equal(("stopped", 2), (told.Text("state"), told["commands"].GetArrayLength()));
        }

        (await host.Agent.PostAsync("/api/v1/sessions/s-1/control/ack", new { seq = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0"))["seq"].GetInt64() })).Expect(200);
        Assert.Equal("stopped", (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Expect(200).Text("state"));
    }

    [Theory, Databases]
    public async Task An_order_that_is_refused_is_not_held(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Admin.PostAsync("/api/v1/sessions/s-nobody/stop", new { reason = "who?" })).Expect(404);
        (await host.Admin.PostAsync("/api/v1/agents/nobody/stop", new { reason = "who?" })).Expect(404);

        Assert.Empty(host.Services<OrderLatch>().Orders);
    }

    /// <summary>Somebody was told that something stops, and nobody knows what any more.</summary>
    [Theory]
    [Databases("[{\"id\":\"019ab")]
    [Databases("")]
    [Databases("null")]
    [Databases("[null]")]
    [Databases("[{\"kind\":\"stop\"}]")]
    public async Task Orders_that_can_t_be_read_again_pause_the_fleet_until_a_person_says_otherwise(DatabaseProvider provider, string kept)
    {
        await using var database = await TestDatabase.CreateAsync(provider);
        var folder = Directory.CreateTempSubdirectory("handrail-latch-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "latched-orders.json"), kept);
        await using (var host = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)))
        {
            // At once, written down or not.
            (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-1"))).Expect(409);
            await Eventually.HoldsAsync("the pause is on record", async () => (await host.Admin.ReadAsync("/api/v1/audit?act=fleet.pause")).Expect(200)["items"].GetArrayLength() == 1);
            var record = (await host.Admin.ReadAsync("/api/v1/audit?act=fleet.pause")).Expect(200)["items"][0];
            Assert.Equal("Handrail", record.GetProperty("actor").GetString());
            var beside = Assert.Single(Directory.GetFiles(folder, "*.unreadable"));
            Assert.Contains(Path.GetFileName(beside), record.GetProperty("reason").GetString());
            Assert.Equal(kept, await File.ReadAllTextAsync(beside));

            await Eventually.HoldsAsync("nothing is latched any more", () => host.Services<OrderLatch>().Orders.Count == 0);
            (await host.Admin.PostAsync("/api/v1/fleet/resume", new { reason = "looked into it" })).Expect(200);
            (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-1"))).Expect(200);
        }

        // Once is enough.
        await using (var again = await ConsoleHost.StartAsync(database, h => h.UseSetting("Data:Directory", folder)))
        {
            (await again.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(200);
        }

        Directory.Delete(folder, recursive: true);
    }
}
