using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Handoffs;

/// <summary>What the queue promises people and the agents that wait on them.</summary>
public sealed class HandoffTests
{
    private static object Ask(string id, decimal amount = 48.20m, string? user = null) => new
    {
        action_id = id, agent = "desk", type = "expense.approve", summary = "Approve", amount, currency = "USD", vendor = "Blue Door Cafe", user,
        arguments = new { expense_id = "e-9", approved_amount = amount }, reasoning = "Receipt matches.",
        citations = new[] { new { title = "Policy 4.2", url = "https://example.com", quote = "Meals" } },
    };

    private static async Task<string> PendingAsync(ConsoleHost host, string id = "a-1", string session = "s-1", decimal amount = 48.20m, string? user = null)
    {
        var answer = (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", Ask(id, amount, user))).Expect(200);
        Assert.Equal("pending", answer.Text("status"));
        return answer.Text("handoff_id");
    }

    [Theory, Databases]
    public async Task An_approval_reaches_the_agent_that_waits(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        var handoff = await PendingAsync(host);

        var waiting = host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1?wait=30");
        var decided = (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { note = "fine" })).Expect(200);
        var answer = (await waiting).Expect(200);

        Assert.Equal("approved", decided.Text("status"));
        Assert.Equal("approved", answer.Text("status"));
        Assert.True(answer["proceed"].GetBoolean());
        Assert.Equal(reviewer.Email, answer.Text("decided_by"));
        Assert.Equal("fine", answer.Text("note"));
        Assert.Equal("none", answer.Text("execution"));
        Assert.Equal("running", (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Expect(200).Text("state"));
    }

    [Theory, Databases]
    public async Task Threat_05_What_a_person_edited_is_what_the_agent_acts_on(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        var handoff = await PendingAsync(host);

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { amount = 40.00m, arguments = new { expense_id = "e-9", approved_amount = 40.00m } })).Expect(200);

        var answer = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200);
        Assert.True(answer["edited"].GetBoolean());
        Assert.Equal(40.00m, answer["amount"].GetDecimal());
        Assert.Equal(40.00m, answer["arguments"].GetProperty("approved_amount").GetDecimal());
    }

    [Theory, Databases]
    public async Task A_person_can_t_edit_an_action_into_what_policy_denies(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new
        {
            autonomy = "suggest",
            rules = new object[] { new { id = "never-over-500", when = new { field = "amount", op = "gt", value = 500 }, then = "deny" } },
        });
        var reviewer = await host.PersonAsync("Reviewer");
        var handoff = await PendingAsync(host);

        var refused = (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { amount = 501 })).Expect(409);

        Assert.Contains("never-over-500", refused.Body.ToString());
        Assert.Equal("pending", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Text("status"));
    }

    [Theory, Databases]
    public async Task Threat_06_Of_fifty_decisions_at_once_exactly_one_wins_and_the_others_are_told_by_whom(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var people = new[] { await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer") };
        var handoff = await PendingAsync(host);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => i % 2 == 0
            ? people[0].Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { note = $"{i}" })
            : people[1].Client.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { reason = $"no {i}" })));

        var winner = Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a != winner), a => Assert.Contains(winner.Text("decided_by"), a.Expect(409).Body.ToString()));
        var action = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200);
        Assert.Equal(winner.Text("status"), action.Text("status"));
        var audit = (await host.Admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200);
        Assert.Single(audit["items"].EnumerateArray(), r => r.GetProperty("act").GetString() is "handoff.approve" or "handoff.reject");
    }

    [Theory, Databases]
    public async Task A_rejection_needs_a_reason_and_carries_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        var handoff = await PendingAsync(host);

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { })).Expect(400);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { reason = "Not a meal", reason_code = "category" })).Expect(200);

        var action = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200);
        Assert.Equal("rejected", action.Text("status"));
        Assert.False(action["proceed"].GetBoolean());
        Assert.Equal("Not a meal", action.Text("note"));
    }

    [Theory, Databases]
    public async Task Threat_29_What_changed_since_it_was_seen_is_not_decided(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { approvals = 2 } });
        var (first, second) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var handoff = await PendingAsync(host);
        var seen = (await second.Client.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200);

        var one = (await first.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(200);
        Assert.Equal("open", one.Text("status"));
        var stale = (await second.Client.SendAsync(HttpMethod.Post, $"/api/v1/handoffs/{handoff}/approve", new { }, ifMatch: seen.ETag)).Expect(412);
        Assert.Equal(first.Email, stale["current"].GetProperty("approvals")[0].GetProperty("by").GetString());
        (await second.Client.SendAsync(HttpMethod.Post, $"/api/v1/handoffs/{handoff}/approve", new { }, ifMatch: one.ETag)).Expect(200);
    }

    [Theory, Databases]
    public async Task Threat_08_Two_people_means_two_people_and_not_two_tokens(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { two_person_over = new { amount = 40, currency = "USD" } } });
        var (first, second) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var other = host.Client((await host.Admin.PostAsync($"/api/v1/users/{first.Email}/tokens", new { name = "second" })).Text("token"));
        var handoff = await PendingAsync(host);

        (await first.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(200);
        (await other.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(409);
        Assert.Equal("pending", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Text("status"));
        Assert.Equal("approved", (await second.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(200).Text("status"));
    }

    [Theory, Databases]
    public async Task Threat_07_One_s_own_request_is_for_somebody_else_to_approve(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { forbid_self_approval = true } });
        var reviewer = await host.PersonAsync("Reviewer");
        var handoff = await PendingAsync(host, user: reviewer.Email.ToUpperInvariant());

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(403);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { reason = "withdrawn" })).Expect(200);
    }

    [Theory, Databases]
    public async Task A_claim_keeps_others_off_until_it_is_let_go(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (first, second) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var handoff = await PendingAsync(host);

        Assert.Equal(first.Email, (await first.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(200).Text("claimed_by"));
        (await second.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(409);
        (await second.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(409);
        (await first.Client.PostAsync($"/api/v1/handoffs/{handoff}/release", new { })).Expect(200);
        (await second.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(200);
    }

    [Theory, Databases]
    public async Task A_question_is_answered_and_the_agent_hears_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        var question = new { handoff_id = "q-1", agent = "desk", kind = "question", summary = "Which cost centre?", options = new[] { new { id = "a", label = "Sales" } } };

        (await host.Agent.PostAsync("/api/v1/sessions/s-1/handoffs", question)).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/handoffs", question)).Expect(200);
        var waiting = host.Agent.ReadAsync("/api/v1/handoffs/q-1?wait=30");
        (await reviewer.Client.PostAsync("/api/v1/handoffs/q-1/approve", new { })).Expect(409);
        (await reviewer.Client.PostAsync("/api/v1/handoffs/q-1/answer", new { answer = new { option = "a" } })).Expect(200);

        var answer = (await waiting).Expect(200);
        Assert.Equal("answered", answer.Text("status"));
        Assert.Equal("a", answer["answer"].GetProperty("option").GetString());
        Assert.Equal(reviewer.Email, answer.Text("decided_by"));
    }

    [Theory, Databases]
    public async Task Nobody_deciding_in_time_is_a_no(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 1, on_timeout = "reject" } });
        await PendingAsync(host);

        var answer = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1?wait=30")).Expect(200);

        Assert.Equal("expired", answer.Text("status"));
        Assert.False(answer["proceed"].GetBoolean());
    }

    [Theory, Databases]
    public async Task Taking_over_cancels_the_action_and_holds_the_session(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        var handoff = await PendingAsync(host);

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/take-over", new { })).Expect(200);

        var action = (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200);
        Assert.Equal("taken_over", action.Text("status"));
        Assert.Equal("taken_over", action.Header("x-handrail-control"));
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(409);
        (await reviewer.Client.PostAsync("/api/v1/sessions/s-1/hand-back", new { note = "Customer is happy" })).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Ask("a-2"))).Expect(200);
    }

    [Theory]
    [InlineData("Viewer", 403)]
    [InlineData("OnCall", 403)]
    [InlineData("Reviewer", 200)]
    [InlineData("Owner", 200)]
    [InlineData("Administrator", 200)]
    public async Task Only_those_who_may_decide_do(string role, int status)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = await host.PersonAsync(role);
        var handoff = await PendingAsync(host);

        (await person.Client.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(status);
        (await host.Agent.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(403);
        (await host.Anonymous.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(401);
    }

    [Theory, Databases]
    public async Task The_queue_pages_by_key_and_loses_none(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        for (var i = 0; i < 7; i++)
        {
            await PendingAsync(host, $"a-{i}");
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await host.Admin.ReadAsync($"/api/v1/handoffs?status=open&limit=3{(cursor is null ? "" : $"&cursor={cursor}")}")).Expect(200);
            seen.AddRange(page["items"].EnumerateArray().Select(h => h.GetProperty("action_id").GetString()!));
            cursor = page["next_cursor"].GetString();
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"a-{i}"), seen);
        (await host.Admin.ReadAsync("/api/v1/handoffs?status=nonsense")).Expect(400);
        (await host.Admin.ReadAsync("/api/v1/handoffs?cursor=nonsense")).Expect(400);
    }
}
