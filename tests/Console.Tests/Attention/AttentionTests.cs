using Handrail.Handoffs;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Attention;

public sealed class AttentionTests
{
    [Theory, Databases]
    public async Task What_people_make_of_an_agent_s_requests_is_counted_by_type_and_version(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        foreach (var (id, version, decide) in new (string, string, Func<string, Task<Answer>>)[]
        {
            ("a-1", "1.0", h => reviewer.Client.ApproveAsync(h)), ("a-2", "1.0", h => reviewer.Client.RejectAsync(h)), ("a-3", "1.0", h => reviewer.Client.ApproveAsync(h, new { amount = 5 })),
            ("a-4", "1.1", h => reviewer.Client.ApproveAsync(h)),
        })
        {
            var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = id, agent = "desk", agent_version = version, type = "expense.approve", amount = 9, currency = "USD" })).Expect(200);
            (await decide(asked.Text("handoff_id"))).Expect(200);
        }

        var shares = (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback/shares")).Expect(200)["items"].EnumerateArray().ToList();

        Assert.Equal(
            [("expense.approve", "1.0", 1, 1, 1), ("expense.approve", "1.1", 1, 0, 0)],
            shares.ConvertAll(s => (s.GetProperty("type").GetString(), s.GetProperty("agent_version").GetString(), s.GetProperty("approved").GetInt32(), s.GetProperty("edited").GetInt32(), s.GetProperty("rejected").GetInt32())));
        var person = (await reviewer.Client.ReadAsync("/api/v1/attention")).Expect(200)["reviewers"].EnumerateArray().Single();
        Assert.Equal((reviewer.Email, 4, 1, 1), (person.GetProperty("reviewer").GetString(), person.GetProperty("decisions").GetInt32(), person.GetProperty("rejected").GetInt32(), person.GetProperty("edited").GetInt32()));
        (await host.Agent.ReadAsync("/api/v1/attention")).Expect(403);
        (await host.Anonymous.ReadAsync("/api/v1/attention")).Expect(401);
        (await host.Anonymous.ReadAsync("/api/v1/agents/desk/feedback/shares")).Expect(401);
    }

    [Theory, Databases]
    public async Task Threat_09_A_planted_case_looks_like_any_other_can_never_be_done_and_says_afterwards_what_it_was(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var (reviewer, planting) = (await host.PersonAsync("Reviewer"), host.Services<PlantCases>());
        var bad = await host.Agent.PendingAsync("s-1");
        (await reviewer.Client.RejectAsync(bad, "No receipt")).Expect(200);
        time.Advance(TimeSpan.FromDays(2));
        Assert.Null(await planting.HandleAsync(default));
        (await reviewer.Client.SendAsync(HttpMethod.Put, "/api/v1/attention/planted", new { planted_per_day = 2 })).Expect(403);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/attention/planted", new { planted_per_day = 21 })).Expect(400);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/attention/planted", new { planted_per_day = 2 })).Expect(200);
        Assert.Null(await planting.HandleAsync(default));
        time.Advance(TimeSpan.FromDays(1));

        // The console looks every minute by itself, and may have been first; one is planted all the same.
        await planting.HandleAsync(default);
        Assert.Null(await planting.HandleAsync(default));
        var planted = "";
        await Eventually.HoldsAsync("one is planted", async () =>
        {
            var open = (await reviewer.Client.ReadAsync("/api/v1/handoffs?status=open")).Expect(200)["items"].EnumerateArray().Select(h => h.GetProperty("handoff_id").GetString()!).ToList();
            planted = open.SingleOrDefault() ?? "";
            return planted.Length > 0;
        });

        var (seen, before) = ((await reviewer.Client.ReadAsync($"/api/v1/handoffs/{planted}")).Expect(200), (await reviewer.Client.ReadAsync($"/api/v1/handoffs/{bad}")).Expect(200));
        foreach (var member in new[] { "kind", "session_id", "agent", "type", "amount", "vendor", "arguments", "agent_says" })
        {
            Assert.Equal(before[member].ToString(), seen[member].ToString());
        }

        Assert.DoesNotContain("planted", seen.Body.ToString(), StringComparison.OrdinalIgnoreCase);
        (await host.Agent.ReadAsync($"/api/v1/handoffs/{planted}")).Expect(404);
        Assert.Equal(0, (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Expect(200)["open_handoffs"].GetInt32());

        var approved = (await reviewer.Client.ApproveAsync(planted)).Expect(200);
        Assert.Equal("approved", approved.Text("status"));
        Assert.Equal(bad, (await host.Services<InboxQueries>().OneAsync(Access.Caller.System, planted, default)).PlantedFrom);
        (await host.Agent.ReadAsync($"/api/v1/sessions/s-1/actions/{approved.Text("action_id")}")).Expect(404);
        (await host.Agent.PostAsync($"/api/v1/sessions/s-1/actions/{approved.Text("action_id")}/claim", new { })).Expect(404);
        Assert.Single((await host.Agent.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200)["items"].EnumerateArray());
        var person = (await reviewer.Client.ReadAsync("/api/v1/attention")).Expect(200)["reviewers"].EnumerateArray().Single();
        Assert.Equal((1, 1, 0), (person.GetProperty("decisions").GetInt32(), person.GetProperty("planted").GetInt32(), person.GetProperty("caught").GetInt32()));
    }
}
