using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Policies;

/// <summary>What publishing and reading back promise.</summary>
public sealed class PolicyTests
{
    [Theory, Databases]
    public async Task A_new_version_rules_the_very_next_gate_call_and_reaches_whoever_waits(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var before = (await host.Agent.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        Assert.Equal("1.0", before.Text("version"));
        Assert.Equal("\"1.0\"", before.ETag);
        (await host.Agent.ReadAsync("/api/v1/agents/desk/policy", before.ETag)).Expect(304);
        var waiting = host.Agent.ReadAsync("/api/v1/agents/desk/policy?wait=30", before.ETag);

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "\"1\"", reason: "trust")).Expect(200);

        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        Assert.Equal("allow", answer.Text("verdict"));
        Assert.Equal("2.0", answer.Text("policy_version"));
        var after = (await waiting).Expect(200);
        Assert.Equal("2.0", after.Text("version"));
        Assert.Equal("autonomous", after["layers"][0].GetProperty("policy").GetProperty("autonomy").GetString());
    }

    [Theory, Databases]
    public async Task Threat_23_Two_editors_can_t_overwrite_one_another(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var owner = await host.PersonAsync("Owner");
        var seen = (await owner.Client.ReadAsync("/api/v1/agents/desk/policy/own")).Expect(200);
        Assert.Equal(0, seen["version"].GetInt32());

        (await owner.Client.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "suggest" })).Expect(428);
        (await owner.Client.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "suggest" }, ifMatch: seen.ETag)).Expect(200);
        var stale = (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "off" }, ifMatch: seen.ETag)).Expect(412);
        Assert.Equal(1, stale["current"].GetProperty("version").GetInt32());
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "off" }, ifMatch: "*")).Expect(200);

        var versions = (await owner.Client.ReadAsync("/api/v1/agents/desk/policy/versions")).Expect(200);
        Assert.Equal([2, 1], versions["items"].EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        (await owner.Client.PostAsync("/api/v1/agents/desk/policy/rollback", new { version = 1, reason = "too strict" })).Expect(200);
        var now = (await owner.Client.ReadAsync("/api/v1/agents/desk/policy/own")).Expect(200);
        Assert.Equal(3, now["version"].GetInt32());
        Assert.Equal("suggest", now["policy"].GetProperty("autonomy").GetString());
    }

    [Fact]
    public async Task Every_error_of_a_document_is_named_by_its_path()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var refused = (await host.Admin.SendAsync(
            HttpMethod.Put, "/api/v1/fleet/policy",
            new { autonomy = "wild", limits = new object[] { new { type = "t", max_amount = -1, currency = "USD" } } }, ifMatch: "*")).Expect(422);

        Assert.True(refused["errors"].TryGetProperty("autonomy", out _), refused.Body.ToString());
        Assert.True(refused["errors"].TryGetProperty("limits[0].max_amount", out _), refused.Body.ToString());
        Assert.Equal(1, (await host.Admin.ReadAsync("/api/v1/fleet/policy"))["version"].GetInt32());
    }

    [Theory, Databases]
    public async Task An_agent_s_policy_never_loosens_the_fleet_s(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);

        var answer = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);

        Assert.Equal("review", answer.Text("verdict"));
    }

    [Theory]
    [InlineData("Viewer", 403)]
    [InlineData("Reviewer", 403)]
    [InlineData("OnCall", 403)]
    [InlineData("Owner", 200)]
    [InlineData("Administrator", 200)]
    public async Task Only_those_who_may_publish_do(string role, int status)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = await host.PersonAsync(role);

        (await person.Client.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "off" }, ifMatch: "*")).Expect(status);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(403);
        (await host.Anonymous.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(401);
        (await person.Client.ReadAsync("/api/v1/fleet/policy")).Expect(200);
    }

    [Fact]
    public async Task Threat_10_A_key_reads_only_the_policies_of_its_own_agents()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var desk = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "desk", agents = new[] { "desk" } })).Expect(200, 201).Text("key"));

        (await desk.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await desk.ReadAsync("/api/v1/agents/other/policy")).Expect(404);
        (await desk.ReadAsync("/api/v1/fleet/policy")).Expect(403);
    }

    [Theory, Databases]
    public async Task Threat_23_A_policy_that_breaks_a_guarantee_is_refused_with_an_action_that_would_go(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var fleet = new { autonomy = "autonomous", limits = new[] { new { type = "expense.*", max_amount = 500, currency = "USD" } }, guarantees = new[] { NeverOver500 } };
        await host.FleetPolicyAsync(fleet);

        var looser = fleet with { limits = [new { type = "expense.*", max_amount = 600, currency = "USD" }] };
        var refused = (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", looser, ifMatch: "*")).Expect(422);
        var unproven = (await host.Admin.SendAsync(
            HttpMethod.Put, "/api/v1/fleet/policy",
            new { autonomy = "autonomous", guarantees = new[] { new { id = "g", never_allow = new { field = "reasoning", op = "contains", value = new string('x', 200) } } } }, ifMatch: "*")).Expect(422);

        var text = refused["errors"].GetProperty("guarantees[0]")[0].GetString();
        Assert.StartsWith("\"Never over 500\" would not hold: this would go without a person: type expense.", text, StringComparison.Ordinal);
        Assert.Contains("amount 5", text, StringComparison.Ordinal);
        Assert.Contains("can't be proven: a pattern is longer than", unproven["errors"].GetProperty("guarantees[0]")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await host.Admin.ReadAsync("/api/v1/fleet/policy"))["version"].GetInt32());
    }

    [Theory, Databases]
    public async Task The_fleets_policy_is_proven_with_every_agents_and_an_agents_with_the_fleets(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var promise = new { autonomy = "autonomous", guarantees = new[] { NeverOver500 } };

        // The fleet's policy sends everything to people, and so keeps the desk's promise; one that lets all go would not.
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", promise, ifMatch: "*")).Expect(200);
        var refused = (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(422);
        Assert.Contains("Never over 500", refused["errors"].GetProperty("agent:desk: guarantee never-over-500")[0].GetString(), StringComparison.Ordinal);

        // Without that promise the fleet may, and then the promise can't be made again, nor come back by a roll-back.
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", promise, ifMatch: "*")).Expect(422);
        (await host.Admin.PostAsync("/api/v1/agents/desk/policy/rollback", new { version = 1, reason = "back" })).Expect(422);
        Assert.Equal(2, (await host.Admin.ReadAsync("/api/v1/agents/desk/policy/own"))["version"].GetInt32());
    }

    [Theory, Databases]
    public async Task Of_a_promise_and_what_breaks_it_published_at_once_one_is_refused(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        for (var round = 0; round < 5; round++)
        {
            await host.FleetPolicyAsync(new { autonomy = "suggest" });
            (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);

            var both = await Task.WhenAll(
                host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk/policy/own", new { autonomy = "autonomous", guarantees = new[] { NeverOver500 } }, ifMatch: "*"),
                host.Admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*"));

            Assert.Equal([200, 422], both.Select(answer => (int)answer.Message.StatusCode).Order());
        }
    }

    [Fact]
    public async Task The_schema_of_policies_is_served_to_whoever_has_a_key()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var schema = (await host.Agent.ReadAsync("/api/v1/schemas/policy")).Expect(200);
        (await (await host.PersonAsync("Viewer")).Client.ReadAsync("/api/v1/schemas/policy")).Expect(200);
        (await host.Anonymous.ReadAsync("/api/v1/schemas/policy")).Expect(401);

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.Text("$schema"));
        Assert.Equal("application/schema+json", schema.Message.Content.Headers.ContentType?.MediaType);
        Assert.True((await host.Anonymous.ReadAsync("/openapi/v1.json"))["paths"].TryGetProperty("/api/v1/schemas/policy", out _));
    }

    private static object NeverOver500 => new
    {
        id = "never-over-500",
        text = "Never over 500",
        never_allow = new { all = new object[] { new { field = "type", op = "glob", value = "expense.*" }, new { field = "amount", op = "gt", value = 500 } } },
    };
}
