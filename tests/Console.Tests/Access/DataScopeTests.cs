using System.Net;
using System.Text.RegularExpressions;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Routing;

namespace Handrail.Access;

/// <summary>
/// Agents that use data are hidden from people who lack a scope of theirs (threats.md 15): everything that an agent's name, a session of its or a word
/// of either could be read from is asked by somebody with the scope and by somebody without.
/// </summary>
public sealed class DataScopeTests
{
    /// <summary>Everything that could give the agent away carries this word.</summary>
    private const string Mark = "hushed";

    private const string Agent = "hushed-claims";

    [Theory, Databases]
    public async Task Threat_15_people_without_the_scope_see_no_trace_of_the_agent_on_any_door_and_people_with_it_do(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var handoff = await FillAsync(host);
        string[] roles = ["Owner", "Reviewer", "OnCall"];
        var without = await host.PersonAsync(roles);
        var with = await PersonWithAsync(host, roles, "claims", "health");
        await DemandHiddenAsync(host, handoff, with, without);

        // The open agent beside it stays in sight.
        Assert.Contains("s-open", await TextAsync(without, "/api/v1/sessions"), StringComparison.Ordinal);
    }

    [Theory, Databases]
    public async Task People_whose_roles_are_over_other_agents_see_no_trace_of_the_agent_on_any_door_and_people_whose_are_over_it_do(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var handoff = await FillAsync(host);
        var without = await PersonWithAsync(host, [], "claims", "health");
        var with = await PersonWithAsync(host, [], "claims", "health");
        await LimitAsync(host, without, "open-desk");
        await LimitAsync(host, with, Agent, "open-desk");
        await DemandHiddenAsync(host, handoff, with, without);
        Assert.Contains("s-open", await TextAsync(without, "/api/v1/sessions"), StringComparison.Ordinal);

        // An agent that came after the person's last look is as hidden.
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-hushed-2", "hushed-newcomer"))).Expect(200);
        Assert.DoesNotContain(Mark, await TextAsync(without, "/api/v1/sessions"), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Mark, await TextAsync(without, "/api/v1/agents"), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task LimitAsync(ConsoleHost host, ConsoleHost.Person person, params string[] agents) =>
        (await host.Admin.SendAsync(
            HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { limited_roles = new[] { "Owner", "Reviewer", "OnCall" }.Select(role => new { role, agents }) })).Expect(200);

    /// <summary>Asks at every door as somebody who may know of the agent and as somebody who may not.</summary>
    private static async Task DemandHiddenAsync(ConsoleHost host, string handoff, ConsoleHost.Person with, ConsoleHost.Person without)
    {
        var told = 0;
        foreach (var path in Readable(host, handoff))
        {
            using var seen = await with.Client.GetAsync(path);
            var seenText = await seen.Content.ReadAsStringAsync();
            told += seen.IsSuccessStatusCode && seenText.Contains(Mark, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            using var answer = await without.Client.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync();

            // A refusal may repeat the name that it was asked for.
            Assert.True(
                answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden || !text.Contains(Mark, StringComparison.OrdinalIgnoreCase), $"{path} gives it away: {(int)answer.StatusCode} {text}");
            Assert.True((int)answer.StatusCode < 500, $"{path} answered {(int)answer.StatusCode}: {text}");
            if (seen.IsSuccessStatusCode && path.Contains(Mark, StringComparison.Ordinal))
            {
                Assert.True(answer.StatusCode == HttpStatusCode.NotFound || !text.Contains(Mark, StringComparison.OrdinalIgnoreCase), $"{path} answered {(int)answer.StatusCode}: {text}");
            }
        }

        // Where nobody is told anything, nothing was hidden.
        Assert.True(told >= 15, $"{told} doors tell of the agent to somebody who may know of it");
    }

    [Theory, Databases]
    public async Task Threat_15_nothing_can_be_done_with_an_agent_that_is_hidden(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var handoff = await FillAsync(host);
        var without = await host.PersonAsync("Owner", "Reviewer", "OnCall");
        var half = await PersonWithAsync(host, ["Owner", "Reviewer", "OnCall"], "claims");
        foreach (var person in new[] { without, half })
        {
            foreach (var (path, body) in new (string, object)[]
            {
                ($"/api/v1/handoffs/{handoff}/approve", new { }), ($"/api/v1/handoffs/{handoff}/reject", new { reason = "no" }), ($"/api/v1/handoffs/{handoff}/claim", new { }),
                ("/api/v1/sessions/s-hushed/stop", new { reason = "x" }), ("/api/v1/sessions/s-hushed/take-over", new { reason = "x" }), ($"/api/v1/agents/{Agent}/pause", new { reason = "x" }),
            })
            {
                var refused = await person.Client.PostAsync(path, body);
                Assert.True(refused.Status == 404, $"{path} answered {refused.Status}");
            }

            (await person.Client.SendAsync(HttpMethod.Put, $"/api/v1/agents/{Agent}/policy/own", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(404);
        }

        Assert.Equal("open", (await host.Admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200).Text("status"));

        // What stops everything asks for no scope.
        (await without.Client.PostAsync("/api/v1/fleet/pause", new { reason = "look" })).Expect(200);
    }

    [Theory, Databases]
    public async Task Threat_15_a_scope_that_is_given_or_taken_away_counts_from_the_next_request(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await FillAsync(host);
        var person = await host.PersonAsync("Viewer");
        (await person.Client.ReadAsync("/api/v1/sessions/s-hushed")).Expect(404);

        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { data_scopes = new[] { "claims", "health" } })).Expect(200);
        (await person.Client.ReadAsync("/api/v1/sessions/s-hushed")).Expect(200);

        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { data_scopes = new[] { "claims" } })).Expect(200);
        (await person.Client.ReadAsync("/api/v1/sessions/s-hushed")).Expect(404);
        (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{Agent}", new { data_scopes = new[] { "claims" } })).Expect(200);
        await Eventually.HoldsAsync("the agent is in sight again", async () => (await person.Client.ReadAsync("/api/v1/sessions/s-hushed")).Status == 200);
    }

    /// <summary>Every door of the API that reads, with what is hidden put in for its parameters, and the lists also narrowed to it. Doors that are added later are among them.</summary>
    private static IEnumerable<string> Readable(ConsoleHost host, string handoff)
    {
        var patterns = host.Services<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true && e.RoutePattern.RawText!.TrimStart('/').StartsWith("api/v1/", StringComparison.Ordinal))
            .Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct().ToList();
        Assert.True(patterns.Count > 30, $"{patterns.Count} doors are known");
        foreach (var pattern in patterns)
        {
            var path = Regex.Replace(pattern, @"\{([^}:]+)[^}]*\}", m => m.Groups[1].Value switch
            {
                "sessionId" => "s-hushed",
                "actionId" => "a-1",
                "agent" => Agent,
                "user" => "hushed-user",
                "version" => "1",
                _ => pattern.Contains("handoffs", StringComparison.Ordinal) ? handoff : "x",
            });
            yield return path;
            yield return path + "?q=hushed";
            yield return path + $"?agent={Agent}";
            yield return path.Replace("s-hushed", "s-shared", StringComparison.Ordinal);
        }

        yield return "/api/v1/sessions?activity=working,waiting,silent";
        yield return "/api/v1/handoffs?status=open";
    }

    /// <summary>An agent with data, one without, and a session that both worked in.</summary>
    /// <returns>The handoff that waits in the hidden session.</returns>
    private static async Task<string> FillAsync(ConsoleHost host)
    {
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{Agent}", new { data_scopes = new[] { "claims", "health" } })).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/principals/hushed-user", new { data_scopes = new[] { "claims", "health" } })).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ToolCallAndAnswer("s-hushed", Agent, "hushed_lookup", "{}", "{}"))).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-open", "open-desk"))).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-shared", "open-desk"))).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-shared", Agent))).Expect(200);
        var asked = (await host.Agent.PostAsync(
            "/api/v1/sessions/s-hushed/actions", new { action_id = "a-1", agent = Agent, type = "hushed.pay", summary = "hushed", user = "hushed-user", amount = 5, currency = "USD" })).Expect(200);
        return asked.Text("handoff_id");
    }

    private static async Task<ConsoleHost.Person> PersonWithAsync(ConsoleHost host, string[] roles, params string[] scopes)
    {
        var person = await host.PersonAsync(roles);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { data_scopes = scopes })).Expect(200);
        return person;
    }

    private static async Task<string> TextAsync(ConsoleHost.Person person, string path)
    {
        using var answer = await person.Client.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync();
    }
}
