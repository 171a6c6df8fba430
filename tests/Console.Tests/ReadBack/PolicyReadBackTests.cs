using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.ReadBack;

/// <summary>What a call that reads the policy back promises.</summary>
public sealed class PolicyReadBackTests
{
    [Theory, Databases]
    public async Task A_held_call_says_at_once_what_its_agent_holds_and_is_answered_by_the_next_publish(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);

        var held = host.Agent.SendAsync(Reading("?wait=50", "\"1.0\""));
        await Eventually.HoldsAsync("the registry knows what it holds", async () =>
            (await host.Admin.ReadAsync("/api/v1/agents/desk")).Body.GetProperty("policy_held") is { ValueKind: JsonValueKind.String } version && version.GetString() == "1.0");
        Assert.False(held.IsCompleted);
        await host.FleetPolicyAsync(new { autonomy = "off" });

        using var answer = await held;
        Assert.Equal((200, "\"2.0\""), ((int)answer.StatusCode, answer.Headers.ETag?.Tag));
        using var again = await host.Agent.SendAsync(Reading("?wait=1", "\"2.0\""));
        Assert.Equal(304, (int)again.StatusCode);
    }

    [Theory, Databases]
    public async Task All_who_ask_at_once_are_given_one_signature(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var agent in Enumerable.Range(0, 10).Select(n => $"desk-{n}"))
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => host.Agent.ReadAsync($"/api/v1/agents/{agent}/policy"))));

            Assert.Single(answers.Select(a => a.Expect(200).Text("signature")).Distinct());
        }
    }

    [Theory, Databases]
    public async Task Every_answer_says_whether_anything_but_the_policy_rules_the_agent(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);
        Assert.Equal("none", await BeyondAsync(host, null));
        Assert.Equal("none", await BeyondAsync(host, "\"1.0\""));

        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = "wire_money", reason = "x" })).Expect(200);
        Assert.Equal("more", await BeyondAsync(host, "\"1.0\""));
        (await host.Admin.PostAsync("/api/v1/fleet/enable", new { tool = "wire_money", reason = "x" })).Expect(200);
        Assert.Equal("none", await BeyondAsync(host, null));

        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { data_scopes = new[] { "claims" } })).Expect(200);
        Assert.Equal("more", await BeyondAsync(host, null));
    }

    private static async Task<string> BeyondAsync(ConsoleHost host, string? held)
    {
        using var answer = await host.Agent.SendAsync(Reading("", held));
        return Assert.Single(answer.Headers.GetValues("x-handrail-beyond-policy"));
    }

    private static HttpRequestMessage Reading(string query, string? held)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/agents/desk/policy" + query);
        if (held is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", held);
        }

        return request;
    }
}
