using System.Text.Json;
using Handrail.Access;
using Handrail.Host;
using Handrail.Live;
using Handrail.Policies;
using Handrail.Sessions;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.ReadBack;

/// <summary>What the event stream promises agents.</summary>
public sealed class EventTests
{
    [Theory, Databases]
    public async Task An_agent_is_told_how_things_stand_and_then_every_change_as_reading_it_would_say(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        await using var reader = await EventReader.OpenAsync(host.Agent, "desk");

        var policy = await reader.NextAsync("policy");
        Told.Same((await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Body, policy);
        Assert.Equal("running", (await reader.NextAsync("control")).GetProperty("state").GetString());

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "suggest" }, ifMatch: "*")).Expect(200);
        Assert.Equal("2.1", (await reader.NextAsync("policy")).GetProperty("version").GetString());

        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t", amount = 5, currency = "USD" })).Expect(200);
        (await host.Admin.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/approve", new { amount = 4, note = "less" })).Expect(200);
        var action = await reader.NextAsync("action");
        Told.SameButGrant((await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Body, action);
        Assert.Equal(4, action.GetProperty("amount").GetDecimal());

        (await host.Agent.PostAsync("/api/v1/sessions/s-1/handoffs", new { handoff_id = "q-1", agent = "desk", kind = "question", summary = "Which?" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/handoffs/q-1/answer", new { answer = new { choice = "this" } })).Expect(200);
        Told.Same((await host.Agent.ReadAsync("/api/v1/handoffs/q-1")).Body, await reader.NextAsync("handoff"));

        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "wait" })).Expect(200);
        var order = await reader.NextAsync("control");
        Assert.Equal("s-1", order.GetProperty("session_id").GetString());
        var control = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Body;
        Told.Same(control.GetProperty("commands"), order.GetProperty("commands"));
        Assert.Equal("paused", order.GetProperty("state").GetString());

        (await host.Admin.PostAsync("/api/v1/fleet/stop", new { reason = "all" })).Expect(200);
        var stop = await reader.NextAsync("control");
        Assert.Equal(JsonValueKind.Null, stop.GetProperty("session_id").ValueKind);
        Assert.Equal("stopped", stop.GetProperty("state").GetString());
    }

    [Theory, Databases]
    public async Task With_the_last_id_a_reader_goes_on_without_a_gap_and_without_what_it_knows(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        string id;
        await using (var first = await EventReader.OpenAsync(host.Agent, "desk"))
        {
            await first.NextAsync("policy");
            await first.NextAsync("control");
            id = first.LastId!;
        }

        (await host.Admin.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/reject", new { reason = "no" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "one" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/resume", new { reason = "two" })).Expect(200);
        await using var again = await EventReader.OpenAsync(host.Agent, "desk", id);

        var control = await again.NextAsync("control");
        Assert.Equal(["pause", "resume"], control.GetProperty("commands").EnumerateArray().Select(c => c.GetProperty("kind").GetString()));
        Assert.Equal("running", control.GetProperty("state").GetString());
        Assert.Equal("rejected", (await again.NextAsync("action")).GetProperty("status").GetString());
        id = again.LastId!;

        await host.FleetPolicyAsync(new { autonomy = "off" });
        await using var third = await EventReader.OpenAsync(host.Agent, "desk", id);
        Assert.Equal("2.0", (await host.Admin.ReadAsync("/api/v1/agents/desk")).Expect(200).Text("policy_held"));
        Assert.Equal("3.0", (await third.NextAsync("policy")).GetProperty("version").GetString());
    }

    [Theory, Databases]
    public async Task A_change_whose_hint_was_lost_arrives_all_the_same(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var reader = await EventReader.OpenAsync(host.Agent, "desk");
        await reader.NextAsync("policy");
        await reader.NextAsync("control");

        // Another way into the same database, whose hints nobody carries here.
        await using var elsewhere = new ServiceCollection().AddHandrailStore(host.Services<StoreSettings>())
            .AddSingleton<PolicySnapshots>().AddSingleton<PublishPolicy>().AddLogging().AddSingleton(new LatchSettings(null)).AddSingleton<OrderLatch>().AddSingleton<ControlScope>().BuildServiceProvider();
        using var document = JsonDocument.Parse("""{"autonomy":"off"}""");
        await elsewhere.GetRequiredService<PublishPolicy>().HandleAsync(Caller.System, Scopes.Fleet, document.RootElement, null, null, CancellationToken.None);
        Assert.Equal("2.0", (await reader.NextAsync("policy")).GetProperty("version").GetString());

        await elsewhere.GetRequiredService<ControlScope>().HandleAsync(Caller.System, null, ControlKind.Pause, "lost", CancellationToken.None);
        Assert.Equal("paused", (await reader.NextAsync("control")).GetProperty("state").GetString());
    }

    [Theory, Databases]
    public async Task More_orders_than_are_read_at_once_are_all_told(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var another = await EventReader.OpenAsync(host.Agent, "desk");
        await another.NextAsync("policy");
        await another.NextAsync("control");
        var id = another.LastId;
        var now = host.Services<TimeProvider>().GetUtcNow();
        await host.Services<HandrailStore>().WriteAsync(
            unit =>
            {
                unit.Db.ControlCommands.AddRange(Enumerable.Range(1, 505).Select(seq => new ControlCommand
                {
                    Seq = seq, Scope = Scopes.Fleet, Kind = seq % 2 == 1 ? ControlKind.Pause : ControlKind.Resume, By = "ada@example.com", At = now,
                }));
                return Task.CompletedTask;
            },
            CancellationToken.None);
        Assert.Equal(505, await ToldAsync(another));

        await using var reader = await EventReader.OpenAsync(host.Agent, "desk", id);
        Assert.Equal(505, await ToldAsync(reader));

        static async Task<long> ToldAsync(EventReader reader)
        {
            var (told, last) = (0, 0L);
            while (last < 505)
            {
                var seqs = (await reader.NextAsync("control")).GetProperty("commands").EnumerateArray().Select(c => c.GetProperty("seq").GetInt64()).ToList();
                Assert.Equal(last + 1, seqs[0]);
                (told, last) = (told + seqs.Count, seqs[^1]);
            }

            return told;
        }
    }

    [Theory, Databases]
    public async Task Decisions_whose_reading_failed_half_way_are_told_once_the_database_is_back(DatabaseProvider provider)
    {
        var fault = new FailsOnce(on: 2);
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.ConfigureDbContext<HandrailDb>(o => o.AddInterceptors(fault))));
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        string id;
        await using (var first = await EventReader.OpenAsync(host.Agent, "desk"))
        {
            await first.NextAsync("policy");
            await first.NextAsync("control");
            id = first.LastId!;
        }

        foreach (var action in new[] { "a-1", "a-2" })
        {
            var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = action, agent = "desk", type = "t" })).Expect(200);
            (await host.Admin.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/reject", new { reason = "no" })).Expect(200);
        }

        fault.Arm();
        await using var reader = await EventReader.OpenAsync(host.Agent, "desk", id);

        Assert.Equal("a-1", (await reader.NextAsync("action")).GetProperty("action_id").GetString());
        Assert.Equal("a-2", (await reader.NextAsync("action")).GetProperty("action_id").GetString());
        Assert.True(fault.Failed);
    }

    [Theory, Databases]
    public async Task Threat_11_and_31_A_revoked_key_s_stream_ends_and_so_does_one_whose_key_expires(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        var soon = host.Services<TimeProvider>().GetUtcNow().AddSeconds(10);
        var brief = (await host.Admin.PostAsync("/api/v1/keys", new { name = "brief", expires_at = soon })).Expect(200);
        await using var reader = await EventReader.OpenAsync(host.Client(key.Text("key")), "desk");
        await using var expiring = await EventReader.OpenAsync(host.Client(brief.Text("key")), "desk");
        await using var other = await EventReader.OpenAsync(host.Agent, "desk");
        foreach (var one in new[] { reader, expiring, other })
        {
            await one.NextAsync("policy");
            await one.NextAsync("control");
        }

        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{key.Text("id")}", null)).Expect(204);

        Assert.Null(await reader.NextAsync());
        Assert.Null(await expiring.NextAsync());
        await host.FleetPolicyAsync(new { autonomy = "off" });
        await other.NextAsync("policy");
        await Eventually.HoldsAsync("only the good key is still connected", () => host.Services<AgentFeeds>().Connected == 1);
    }

    [Fact]
    public async Task Events_are_for_keys_that_may_act_for_the_agent()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var desk = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "desk", agents = new[] { "desk" } })).Expect(200).Text("key"));
        var others = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "others", team = "others" })).Expect(200).Text("key"));
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);

        Assert.Equal(401, (int)(await EventReader.AskAsync(host.Anonymous, "desk")).StatusCode);
        Assert.Equal(403, (int)(await EventReader.AskAsync(host.Admin, "desk")).StatusCode);
        Assert.Equal(404, (int)(await EventReader.AskAsync(desk, "other")).StatusCode);
        Assert.Equal(404, (int)(await EventReader.AskAsync(others, "desk")).StatusCode);
        Assert.Equal(400, (int)(await EventReader.AskAsync(desk, "desk", "nonsense")).StatusCode);
        await Eventually.HoldsAsync("nobody who was refused stays connected", () => host.Services<AgentFeeds>().Connected == 0);
    }

    [Theory, Databases]
    public async Task An_agent_hears_nothing_of_another_team_s_sessions_and_nothing_of_other_agents(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var reader = await EventReader.OpenAsync(host.Agent, "desk");
        await reader.NextAsync("policy");
        await reader.NextAsync("control");
        var others = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "others", team = "others" })).Expect(200).Text("key"));
        (await others.SendAsync(HttpMethod.Put, "/api/v1/sessions/theirs", new { agent = "elsewhere" })).Expect(200);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/colleague", new { agent = "counter" })).Expect(200);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/mine", new { agent = "desk" })).Expect(200);

        foreach (var session in new[] { "theirs", "colleague", "mine" })
        {
            (await host.Admin.PostAsync($"/api/v1/sessions/{session}/pause", new { reason = "x" })).Expect(200);
        }

        Assert.Equal("mine", (await reader.NextAsync("control")).GetProperty("session_id").GetString());
    }

    [Fact]
    public async Task What_is_published_through_one_process_reaches_readers_of_another_and_an_id_of_one_is_good_at_the_other()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseProvider.Postgres);
        await using var one = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, h => h.UseSetting("ConnectionStrings:Handrail", database.ConnectionString));
        await using var other = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, h => h.UseSetting("ConnectionStrings:Handrail", database.ConnectionString));
        string id;
        await using (var reader = await EventReader.OpenAsync(other.Agent, "desk"))
        {
            await reader.NextAsync("policy");
            await reader.NextAsync("control");
            await one.FleetPolicyAsync(new { autonomy = "off" });
            Assert.Equal("2.0", (await reader.NextAsync("policy")).GetProperty("version").GetString());
            id = reader.LastId!;
        }

        (await other.Admin.PostAsync("/api/v1/fleet/pause", new { reason = "x" })).Expect(200);
        await using var again = await EventReader.OpenAsync(one.Agent, "desk", id);
        Assert.Equal("paused", (await again.NextAsync("control")).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("3.17-42-1795433714000000", true)]
    [InlineData("1.0-0-0", true)]
    [InlineData("", false)]
    [InlineData("3-42-1", false)]
    [InlineData("3.17-42", false)]
    [InlineData("-1.0-1-1", false)]
    [InlineData("1.0-1-99999999999999999999", false)]
    [InlineData("1.99999999999-1-1", false)]
    public void A_position_is_read_as_it_was_written_or_not_at_all(string text, bool good)
    {
        Assert.Equal(good, FeedPosition.TryParse(text, out var position));
        if (good)
        {
            Assert.Equal(text, position.ToString());
        }
    }
}
