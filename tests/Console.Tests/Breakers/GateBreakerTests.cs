using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Breakers;

/// <summary>Breakers in the gate, and their handoffs by the API: for agents that ask and need send no telemetry.</summary>
public sealed class GateBreakerTests
{
    [Theory, Databases]
    public async Task Threat_13_Denied_actions_stop_the_session_and_every_further_question(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", Policy(new { id = "denied", scope = "session", metric = "denied_actions", limit = 2, then = "stop" }));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("deny", (await AskAsync(host, $"a-{i}", "blocked", 1)).Text("verdict"));
        }

        var after = await AskAsync(host, "a-9", "expense.approve", 1);

        Assert.Equal("stop", after.Text("verdict"));
        Assert.Contains(after["reasons"].EnumerateArray(), r => r.GetProperty("rule").GetString() == "breaker:denied");
        Assert.Equal("stopped", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control?after=0")).Text("state"));
        Assert.Equal(["breaker"], (await host.Admin.ReadAsync("/api/v1/handoffs?status=open"))["items"].EnumerateArray().Select(h => h.GetProperty("kind").GetString()));
    }

    [Theory, Databases]
    public async Task Amounts_that_were_let_go_pause_the_session_until_a_person_answers_with_a_new_limit(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", Policy(new { id = "spent", scope = "session", metric = "allowed_amount", limit = 100, currency = "USD", then = "pause" }));
        Assert.Equal("allow", (await AskAsync(host, "a-1", "expense.approve", 60)).Text("verdict"));
        Assert.Equal("allow", (await AskAsync(host, "a-2", "expense.approve", 60)).Text("verdict"));
        await AskAsync(host, "a-3", "expense.approve", 1, 409);

        var handoff = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open&kind=breaker"))["items"][0];
        Assert.Equal("Paused at 120.00 USD let go; the limit is 100.00 USD", handoff.GetProperty("summary").GetString());
        var id = handoff.GetProperty("handoff_id").GetString();
        (await host.Admin.PostAsync($"/api/v1/handoffs/{id}/approve", new { })).Expect(409);
        Assert.Contains("answer.choice", (await host.Admin.PostAsync($"/api/v1/handoffs/{id}/answer", new { answer = new { choice = "on" } })).Expect(400)["errors"].ToString());
        var answered = (await host.Admin.PostAsync($"/api/v1/handoffs/{id}/answer", new { answer = new { choice = "resume", new_limit = 200 } })).Expect(200);

        Assert.Equal("answered", answered.Text("status"));
        Assert.Equal("allow", (await AskAsync(host, "a-4", "expense.approve", 70)).Text("verdict"));
        Assert.Equal("allow", (await AskAsync(host, "a-5", "expense.approve", 70)).Text("verdict"));
        await AskAsync(host, "a-6", "expense.approve", 1, 409);
        (await host.Admin.PostAsync($"/api/v1/handoffs/{id}/answer", new { answer = new { choice = "resume" } })).Expect(409);
    }

    [Theory, Databases]
    public async Task A_review_breaker_sends_every_further_action_to_a_person(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", Policy(new { id = "careful", scope = "session", metric = "llm_calls", limit = 0, then = "review" }));
        Assert.Equal("allow", (await AskAsync(host, "a-1", "expense.approve", 1)).Text("verdict"));

        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("s-1", "desk"))).Expect(200);
        await Eventually.HoldsAsync("the breaker trips on telemetry", async () =>
            (await host.Admin.ReadAsync("/api/v1/handoffs?status=open&kind=breaker"))["items"].GetArrayLength() == 1);

        Assert.Equal("review", (await AskAsync(host, "a-2", "expense.approve", 1)).Text("verdict"));
    }

    [Theory, Databases]
    public async Task A_cost_that_no_span_carries_trips_too(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Agent.PostAsync("/api/v1/costs", new { events = new[] { new { id = "c-1", session_id = "s-1", agent = "desk", kind = "tool", name = "maps", amount = 2.5, currency = "USD" } } })).Expect(200);

        await Eventually.HoldsAsync("two dollars a session hold from the first start", async () => (await host.Admin.ReadAsync("/api/v1/sessions/s-1")).Text("state") == "paused");
    }

    [Theory, Databases]
    public async Task A_decision_taken_in_one_process_rules_the_next_in_every_other(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var other = second ?? host;
        await host.PolicyAsync("desk", Policy(new { id = "denied", scope = "session", metric = "denied_actions", limit = 0, then = "stop" }));

        await AskAsync(host, "a-1", "blocked", 1);

        Assert.Equal("stop", (await AskAsync(other, "a-2", "expense.approve", 1)).Text("verdict"));
    }

    private static object Policy(object breaker) => new
    {
        autonomy = "autonomous",
        actions = new[] { new { type = "blocked", autonomy = "off" } },
        breakers = new[] { breaker },
    };

    private static async Task<Answer> AskAsync(ConsoleHost host, string id, string type, decimal amount, int status = 200) =>
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = id, agent = "desk", type, amount, currency = "USD" })).Expect(status);
}
