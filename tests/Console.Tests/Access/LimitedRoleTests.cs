using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Access;

/// <summary>A role can be held over a team's agents, or over some agents, alone: what it lets a person do it lets them do there and nowhere else.</summary>
public sealed class LimitedRoleTests
{
    [Theory, Databases]
    public async Task A_reviewer_of_a_team_decides_what_its_agents_ask_and_nothing_else(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (own, other) = await TwoTeamsAsync(host);
        var anna = await PersonAsync(host, ["Viewer"], new { role = "Reviewer", team = "support" });

        foreach (var (path, body) in new (string, object)[] { ("claim", new { }), ("approve", new { }), ("reject", new { reason = "no" }), ("delegate", new { to = anna.Email }), ("snooze", new { until = TimeProvider.System.GetUtcNow().AddMinutes(5) }) })
        {
            var refused = await anna.Client.PostAsync($"/api/v1/handoffs/{other}/{path}", body);
            Assert.True(refused.Status == 403, $"{path} of another team's handoff answered {refused.Status}");
        }

        Assert.Contains("the agent 'refunds'", (await anna.Client.PostAsync($"/api/v1/handoffs/{other}/approve", new { })).Text("detail"), StringComparison.Ordinal);
        (await anna.Client.PostAsync("/api/v1/sessions/s-refunds/take-over", new { reason = "x" })).Expect(403);
        Assert.Equal("open", (await anna.Client.ReadAsync($"/api/v1/handoffs/{other}")).Expect(200).Text("status"));

        (await anna.Client.PostAsync($"/api/v1/handoffs/{own}/approve", new { })).Expect(200);
        (await anna.Client.PostAsync("/api/v1/sessions/s-desk/take-over", new { reason = "I do this" })).Expect(200);
        (await anna.Client.PostAsync("/api/v1/sessions/s-desk/stop", new { reason = "x" })).Expect(403);
    }

    [Theory, Databases]
    public async Task On_call_of_an_agent_halts_it_and_neither_another_nor_the_fleet(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await TwoTeamsAsync(host);
        var ben = await PersonAsync(host, ["Viewer"], new { role = "OnCall", agents = new[] { "desk" } });

        foreach (var path in new[] { "agents/refunds/pause", "agents/refunds/stop", "sessions/s-refunds/stop", "sessions/s-refunds/pause", "fleet/pause", "fleet/stop" })
        {
            var refused = await ben.Client.PostAsync($"/api/v1/{path}", new { reason = "x" });
            Assert.True(refused.Status is 403 or 404, $"{path} answered {refused.Status}");
        }

        (await ben.Client.PostAsync("/api/v1/fleet/disable", new { tool = "wire", reason = "x" })).Expect(403);
        Assert.Equal("running", (await host.Admin.ReadAsync("/api/v1/sessions/s-refunds/control?after=0")).Expect(200).Text("state"));
        (await ben.Client.PostAsync("/api/v1/sessions/s-desk/stop", new { reason = "it runs away" })).Expect(200);
        (await ben.Client.PostAsync("/api/v1/agents/desk/pause", new { reason = "until tomorrow" })).Expect(200);
    }

    [Theory, Databases]
    public async Task An_owner_of_a_team_sets_its_agents_policies_and_makes_its_keys(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await TwoTeamsAsync(host);
        var olga = await PersonAsync(host, [], new { role = "Owner", team = "support" });

        (await olga.Client.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "suggest" }, ifMatch: "*")).Expect(403);
        (await olga.Client.SendAsync(HttpMethod.Put, "/api/v1/agents/refunds/policy/own", new { autonomy = "suggest" }, ifMatch: "*")).Expect(404);
        (await olga.Client.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "suggest" }, ifMatch: "*")).Expect(200);

        var keys = (await olga.Client.ReadAsync("/api/v1/keys")).Expect(200)["items"].EnumerateArray().ToList();
        Assert.Equal(["support"], keys.Select(k => k.GetProperty("team").GetString()).Distinct());
        var others = (await host.Admin.ReadAsync("/api/v1/keys")).Expect(200)["items"].EnumerateArray().First(k => k.GetProperty("team").GetString() == "payments").GetProperty("id").GetString();
        (await olga.Client.PostAsync($"/api/v1/keys/{others}/rotate", new { })).Expect(404);
        (await olga.Client.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{others}", null)).Expect(404);
        (await olga.Client.PostAsync("/api/v1/keys", new { name = "mine", team = "payments" })).Expect(403);

        var made = (await olga.Client.PostAsync("/api/v1/keys", new { name = "desk in test" })).Expect(200);
        using var agent = host.Client(made.Text("key"));
        (await agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await agent.ReadAsync("/api/v1/agents/refunds/policy")).Expect(404);
        (await olga.Client.PostAsync($"/api/v1/keys/{made.Text("id")}/rotate", new { overlap_seconds = 0 })).Expect(200);
        (await olga.Client.SendAsync(HttpMethod.Delete, $"/api/v1/keys/{made.Text("id")}", null)).Expect(204);
        (await olga.Client.PostAsync("/api/v1/users", new { email = "x@example.com" })).Expect(403);

        // Who owns some agents and no team makes no keys, nor does who owns all of them: those are administrators'.
        var paul = await PersonAsync(host, ["Owner"], new { role = "Owner", agents = new[] { "desk" } });
        (await paul.Client.ReadAsync("/api/v1/keys")).Expect(403);
        (await paul.Client.PostAsync("/api/v1/keys", new { name = "mine" })).Expect(403);
    }

    [Theory, Databases]
    public async Task What_was_escalated_to_a_role_and_what_is_delegated_goes_to_whoever_has_it_for_this_agent(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var (own, _) = await TwoTeamsAsync(host);
        var reviewer = await host.PersonAsync("Reviewer");
        var (near, far) = (await PersonAsync(host, ["Viewer"], new { role = "Owner", team = "support" }), await PersonAsync(host, ["Viewer"], new { role = "Owner", team = "payments" }));

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{own}/delegate", new { to = far.Email })).Expect(400, 422);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{own}/delegate", new { to = near.Email })).Expect(200);

        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 60, on_timeout = "escalate", escalate_to = "Owner" } });
        var asked = (await host.Client(await KeyAsync(host, "support")).PostAsync("/api/v1/sessions/s-desk/actions", new { action_id = "a-2", agent = "desk", type = "note.write" })).Expect(200).Text("handoff_id");
        time.Advance(TimeSpan.FromSeconds(61));
        await Eventually.HoldsAsync("it is the owners' now", async () => (await host.Admin.ReadAsync($"/api/v1/handoffs/{asked}"))["role"].ValueKind == System.Text.Json.JsonValueKind.String);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{asked}/approve", new { })).Expect(403);
        (await far.Client.PostAsync($"/api/v1/handoffs/{asked}/approve", new { })).Expect(403);
        (await near.Client.PostAsync($"/api/v1/handoffs/{asked}/approve", new { })).Expect(200);
    }

    [Theory, Databases]
    public async Task Threat_31_a_limited_role_that_is_taken_away_counts_from_the_next_request(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (own, _) = await TwoTeamsAsync(host);
        var anna = await PersonAsync(host, [], new { role = "Reviewer", team = "support" });
        (await anna.Client.ReadAsync($"/api/v1/handoffs/{own}")).Expect(200);

        // The agent goes to another team, and comes back.
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { team = "payments" })).Expect(200);
        (await anna.Client.PostAsync($"/api/v1/handoffs/{own}/approve", new { })).Expect(404);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { team = "support" })).Expect(200);

        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{anna.Email}", new { limited_roles = new[] { new { role = "Viewer", team = "support" } } })).Expect(200);
        (await anna.Client.PostAsync($"/api/v1/handoffs/{own}/approve", new { })).Expect(403);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{anna.Email}", new { limited_roles = Array.Empty<object>() })).Expect(200);
        (await anna.Client.ReadAsync("/api/v1/sessions")).Expect(403);

        var audit = (await host.Admin.ReadAsync("/api/v1/audit?act=person.change")).Expect(200)["items"].ToString();
        Assert.Contains("Viewer", audit, StringComparison.Ordinal);
    }

    [Theory, Databases]
    public async Task A_limited_role_that_is_none_is_refused_and_says_why(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var (role, why) in new (object, string)[]
        {
            (new { role = "Administrator", team = "support" }, "can't limit the role Administrator"), (new { role = "Auditor", team = "support" }, "can't limit the role Auditor"),
            (new { role = "King", team = "support" }, "not 'King'"), (new { role = "Reviewer" }, "limits Reviewer to nothing"), (new { role = "Reviewer", agents = Array.Empty<string>() }, "names 0 agents"),
        })
        {
            var refused = (await host.Admin.PostAsync("/api/v1/users", new { email = "new@example.com", limited_roles = new[] { role } })).Expect(400);
            Assert.Contains(why, refused.Body.ToString(), StringComparison.Ordinal);
        }

        (await host.Admin.ReadAsync("/api/v1/users/new@example.com")).Expect(404);
    }

    [Fact]
    public async Task A_stop_by_somebody_whose_role_is_limited_is_latched_without_the_database_and_written_down_afterwards()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        var cluster = await PrivatePostgres.StartAsync(durable: true);
        var database = await cluster.CreateDatabaseAsync();
        await using (var host = await ConsoleHost.StartAsync(DatabaseProvider.Postgres, h => h.UseSetting("ConnectionStrings:Handrail", database)))
        {
            await TwoTeamsAsync(host);
            (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { data_scopes = new[] { "claims" } })).Expect(200);
            var ben = await PersonAsync(host, [], new { role = "OnCall", team = "support" });
            (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{ben.Email}", new { data_scopes = new[] { "claims" } })).Expect(200);
            (await ben.Client.ReadAsync("/api/v1/sessions/s-desk")).Expect(200);

            await cluster.PauseAsync(immediately: true);
            (await ben.Client.PostAsync("/api/v1/fleet/stop", new { reason = "no right to" })).Expect(403);
            (await ben.Client.PostAsync("/api/v1/sessions/s-desk/stop", new { reason = "it runs away" })).Expect(202);
            await cluster.ContinueAsync();
            await Eventually.HoldsAsync("the stop is written down", async () => (await host.Admin.ReadAsync("/api/v1/audit?act=session.stop")) is { Status: 200 } audit && audit["items"].GetArrayLength() > 0);
            Assert.Equal("stopping", (await host.Admin.ReadAsync("/api/v1/sessions/s-desk")).Expect(200).Text("state"));
        }

        await cluster.StopAsync();
    }

    /// <summary>An agent "desk" of the team support and one "refunds" of payments, each with a handoff that waits.</summary>
    private static async Task<(string Support, string Payments)> TwoTeamsAsync(ConsoleHost host)
    {
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        return (await AskAsync("support", "desk"), await AskAsync("payments", "refunds"));

        async Task<string> AskAsync(string team, string agent)
        {
            using var client = host.Client(await KeyAsync(host, team));
            return (await client.PostAsync($"/api/v1/sessions/s-{agent}/actions", new { action_id = "a-1", agent, type = "expense.approve", amount = 5, currency = "USD" })).Expect(200).Text("handoff_id");
        }
    }

    private static async Task<string> KeyAsync(ConsoleHost host, string team) => (await host.Admin.PostAsync("/api/v1/keys", new { name = team, team })).Expect(200).Text("key");

    internal static async Task<ConsoleHost.Person> PersonAsync(ConsoleHost host, string[] roles, object limited)
    {
        var person = await host.PersonAsync(roles);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { limited_roles = new[] { limited } })).Expect(200);
        return person;
    }
}
