using Handrail.Host;
using Handrail.Notify;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Access;

/// <summary>An alert tells of an agent and wants a person: whoever may know nothing of the agent neither reads it nor sees to it, whichever door they know its id at.</summary>
public sealed class HiddenAlertTests
{
    private const string Agent = "hushed-claims";
    private const string Alerts = "/api/v1/notifications/alerts";

    [Theory, Databases]
    public async Task Threat_15_an_alert_of_an_agent_that_is_hidden_is_read_acknowledged_and_resolved_by_nobody_it_is_hidden_from(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var handoff = await FillAsync(host);
        string[] roles = ["Owner", "Reviewer", "OnCall"];
        var people = new[]
        {
            await host.PersonAsync(roles),
            await PersonAsync(host, roles, [], "claims"),
            await PersonAsync(host, [], Limited(roles, "open-desk"), "claims", "health"),
            await PersonAsync(host, ["Viewer"], Limited(roles, Agent)),
        };
        var hidden = new[] { await AlertOfAsync(host, handoff), await RaiseAsync(host, Agent, "s-hushed"), await RaiseAsync(host, Agent, null), await RaiseAsync(host, "open-desk", "s-shared") };
        var open = await RaiseAsync(host, "open-desk", "s-open");

        foreach (var person in people)
        {
            foreach (var id in hidden)
            {
                await DemandRefusedAsync(person, id, 404);
            }

            (await person.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(404);
            foreach (var state in new[] { "", "?state=open", "?state=all" })
            {
                var listed = (await person.Client.ReadAsync(Alerts + state)).Expect(200)["items"].EnumerateArray().Select(a => a.GetProperty("id").GetString()).ToList();
                Assert.Empty(listed.Intersect(hidden));
                Assert.Contains(open, listed);
            }
        }

        Assert.All(await StatesAsync(host, hidden), state => Assert.Equal("open", state));
        Assert.Equal(0, (await host.Admin.ReadAsync("/api/v1/audit?act=alert.acknowledge")).Expect(200)["items"].GetArrayLength());

        // Whoever may know of the agent sees to the same alerts at the same doors.
        var with = await PersonAsync(host, roles, [], "claims", "health");
        await DemandSeenToAsync(with, hidden[1..]);
        (await with.Client.ReadAsync($"{Alerts}/{hidden[0]}")).Expect(200);
        (await with.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(200);
        Assert.Equal(["acknowledged", "resolved", "resolved", "resolved"], await StatesAsync(host, hidden));
    }

    [Theory, Databases]
    public async Task An_alert_is_seen_to_by_whoever_has_a_right_over_its_agent_and_one_of_no_agent_by_whoever_has_it_over_all(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await FillAsync(host);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-other", "other-desk"))).Expect(200);
        var (own, other, nobodys) = (await RaiseAsync(host, "open-desk", "s-open"), await RaiseAsync(host, "other-desk", "s-other"), await RaiseAsync(host, null, null));

        foreach (var role in new[] { "Reviewer", "OnCall" })
        {
            // Sees all, and answers for one.
            var person = await PersonAsync(host, ["Viewer"], Limited([role], "open-desk"));
            foreach (var id in new[] { other, nobodys })
            {
                (await person.Client.ReadAsync($"{Alerts}/{id}")).Expect(200);
                (await person.Client.PostAsync($"{Alerts}/{id}/acknowledge", new { })).Expect(403);
                (await person.Client.PostAsync($"{Alerts}/{id}/resolve", new { })).Expect(403);
            }

            (await person.Client.PostAsync($"{Alerts}/{own}/acknowledge", new { })).Expect(200);
        }

        Assert.Equal(["acknowledged", "open", "open"], await StatesAsync(host, [own, other, nobodys]));
        await DemandSeenToAsync(await host.PersonAsync("OnCall"), [own, other, nobodys]);
    }

    private static async Task DemandRefusedAsync(ConsoleHost.Person person, string id, int status)
    {
        (await person.Client.ReadAsync($"{Alerts}/{id}")).Expect(status);
        (await person.Client.PostAsync($"{Alerts}/{id}/acknowledge", new { })).Expect(status);
        (await person.Client.PostAsync($"{Alerts}/{id}/resolve", new { })).Expect(status);
    }

    private static async Task DemandSeenToAsync(ConsoleHost.Person person, IEnumerable<string> alerts)
    {
        foreach (var id in alerts)
        {
            (await person.Client.ReadAsync($"{Alerts}/{id}")).Expect(200);
            Assert.Equal("acknowledged", (await person.Client.PostAsync($"{Alerts}/{id}/acknowledge", new { })).Expect(200).Text("state"));
            Assert.Equal("resolved", (await person.Client.PostAsync($"{Alerts}/{id}/resolve", new { })).Expect(200).Text("state"));
        }
    }

    private static async Task<List<string>> StatesAsync(ConsoleHost host, IEnumerable<string> alerts)
    {
        var states = new List<string>();
        foreach (var id in alerts)
        {
            states.Add((await host.Admin.ReadAsync($"{Alerts}/{id}")).Expect(200).Text("state"));
        }

        return states;
    }

    /// <summary>An agent with data, one without, and a session that both worked in.</summary>
    /// <returns>The handoff that waits in the hidden session.</returns>
    private static async Task<string> FillAsync(ConsoleHost host)
    {
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{Agent}", new { data_scopes = new[] { "claims", "health" } })).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/principals/u-1", new { data_scopes = new[] { "claims", "health" } })).Expect(200);
        foreach (var (session, agent) in new[] { ("s-hushed", Agent), ("s-open", "open-desk"), ("s-shared", "open-desk"), ("s-shared", Agent) })
        {
            (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(session, agent))).Expect(200);
        }

        var asked = await host.Agent.PostAsync("/api/v1/sessions/s-hushed/actions", new { action_id = "a-1", agent = Agent, type = "claim.pay", user = "u-1", amount = 5, currency = "USD" });
        return asked.Expect(200).Text("handoff_id");
    }

    private static async Task<string> AlertOfAsync(ConsoleHost host, string handoff) =>
        (await host.Admin.ReadAsync(Alerts)).Expect(200)["items"].EnumerateArray().Single(a => a.GetProperty("handoff_id").GetString() == handoff).GetProperty("id").GetString()!;

    /// <summary>An alert that no handoff decides, as of a stop that was not obeyed.</summary>
    private static async Task<string> RaiseAsync(ConsoleHost host, string? agent, string? session)
    {
        var notice = Notices.New(agent is null ? NoticeKind.ConsoleUnwell : NoticeKind.NotObeyed, $"test:{agent}:{session}");
        (notice.Agent, notice.SessionId) = (agent, session);
        await host.Services<HandrailStore>().WriteAsync(unit => Notices.RaiseAsync(unit, notice, CancellationToken.None), CancellationToken.None);
        return (await host.Admin.ReadAsync(Alerts + "?state=all")).Expect(200)["items"].EnumerateArray().Single(a => a.GetProperty("cause").GetString() == notice.Cause).GetProperty("id").GetString()!;
    }

    private static object[] Limited(string[] roles, params string[] agents) => [.. roles.Select(role => new { role, agents })];

    private static async Task<ConsoleHost.Person> PersonAsync(ConsoleHost host, string[] roles, object[] limited, params string[] scopes)
    {
        var person = await host.PersonAsync(roles);
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{person.Email}", new { limited_roles = limited, data_scopes = scopes })).Expect(200);
        return person;
    }
}
