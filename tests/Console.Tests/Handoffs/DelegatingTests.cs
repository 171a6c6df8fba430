using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Handoffs;

/// <summary>What is put before a colleague, put aside, and rejected for a reason of the agent's own list.</summary>
public sealed class DelegatingTests
{
    [Theory, Databases]
    public async Task What_is_delegated_is_the_colleague_s_and_others_claim_it_before_they_decide(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (anna, ben, cleo) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var (first, second) = (await host.Agent.PendingAsync("s-1"), await host.Agent.PendingAsync("s-2"));

        foreach (var handoff in new[] { first, second })
        {
            var delegated = (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/delegate", new { to = ben.Email.ToUpperInvariant(), note = "You know them" })).Expect(200);
            Assert.Equal((ben.Email, anna.Email, "You know them"), (delegated.Text("assigned_to"), delegated.Text("assigned_by"), delegated.Text("assigned_note")));
        }

        Assert.Equal(2, (await ben.Client.ReadAsync("/api/v1/handoffs?status=open&mine=true")).Expect(200)["items"].GetArrayLength());
        Assert.Contains(ben.Email, (await cleo.Client.ApproveAsync(first)).Expect(409).Text("detail"));
        Assert.Contains(ben.Email, (await anna.Client.RejectAsync(first)).Expect(409).Text("detail"));
        Assert.Equal("approved", (await ben.Client.ApproveAsync(first)).Expect(200).Text("status"));

        Assert.Equal(JsonValueKind.Null, (await cleo.Client.PostAsync($"/api/v1/handoffs/{second}/claim", new { })).Expect(200)["assigned_to"].ValueKind);
        (await ben.Client.ApproveAsync(second)).Expect(409);
        Assert.Equal("approved", (await cleo.Client.ApproveAsync(second)).Expect(200).Text("status"));
        (await anna.Client.PostAsync($"/api/v1/handoffs/{second}/delegate", new { to = ben.Email })).Expect(409);
    }

    [Theory, Databases]
    public async Task Nothing_is_delegated_to_somebody_who_may_not_decide_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { forbid_self_approval = true, approvals = 2 } });
        var (anna, viewer, user) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Viewer"), await host.PersonAsync("Reviewer"));
        var handoff = await host.Agent.PendingAsync("s-1", user: user.Email);
        (await anna.Client.ApproveAsync(handoff)).Expect(200);

        foreach (var to in new[] { viewer.Email, "nobody@example.com", user.Email, anna.Email })
        {
            Assert.True((await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/delegate", new { to })).Expect(400)["errors"].TryGetProperty("to", out _), to);
        }

        (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/delegate", new { })).Expect(400);
        (await viewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/delegate", new { to = anna.Email })).Expect(403);
        (await host.Agent.PostAsync($"/api/v1/handoffs/{handoff}/delegate", new { to = anna.Email })).Expect(403);
        (await host.Anonymous.PostAsync($"/api/v1/handoffs/{handoff}/delegate", new { to = anna.Email })).Expect(401);
        Assert.Equal(JsonValueKind.Null, (await anna.Client.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200)["assigned_to"].ValueKind);
    }

    [Theory, Databases]
    public async Task A_snooze_is_one_person_s_own_and_ends_before_the_deadline(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 3600 } });
        var (anna, viewer) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Viewer"));
        var handoff = await host.Agent.PendingAsync("s-1");
        var deadline = (await anna.Client.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200)["expires_at"].GetDateTimeOffset();

        var late = (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/snooze", new { until = deadline })).Expect(200);
        Assert.Equal(deadline - SnoozeHandoff.BeforeDeadline, late["snoozed_until"].GetDateTimeOffset());
        (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/snooze", new { until = deadline.AddHours(-2) })).Expect(400);
        (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/snooze", new { until = deadline.AddDays(30) })).Expect(400);
        (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/snooze", new { })).Expect(400);
        (await viewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/snooze", new { until = deadline })).Expect(403);
        (await host.Agent.PostAsync($"/api/v1/handoffs/{handoff}/wake", new { })).Expect(403);
        Assert.Equal(JsonValueKind.Null, (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/wake", new { })).Expect(200)["snoozed_until"].ValueKind);

        // For the agent and for everybody else nothing has changed.
        Assert.Equal("approved", (await host.Admin.ApproveAsync(handoff)).Expect(200).Text("status"));
        (await anna.Client.PostAsync($"/api/v1/handoffs/{handoff}/snooze", new { until = deadline })).Expect(409);
    }

    [Theory, Databases]
    public async Task A_reason_code_is_one_of_the_agent_s_own_list_and_comes_back_to_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var (one, two) = (await host.Agent.PendingAsync("s-1"), await host.Agent.PendingAsync("s-2"));
        (await host.Admin.RejectAsync(one, "free text")).Expect(200);
        var codes = new[] { new { code = "receipt", label = "The receipt is missing" }, new { code = "limit", label = "Too much" } };
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { reject_codes = codes })).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { owner = "Finance" })).Expect(200);
        Assert.Equal(["receipt", "limit"], (await host.Admin.ReadAsync("/api/v1/agents/desk")).Expect(200)["reject_codes"].EnumerateArray().Select(c => c.GetProperty("code").GetString()));

        var refused = (await host.Admin.PostAsync($"/api/v1/handoffs/{two}/reject", new { reason = "No", reason_code = "other" })).Expect(400);
        Assert.Contains("receipt, limit", refused["errors"].GetProperty("reason_code")[0].GetString());
        Assert.Equal("receipt", (await host.Admin.PostAsync($"/api/v1/handoffs/{two}/reject", new { reason = "No", reason_code = "receipt" })).Expect(200).Text("reason_code"));
        var feedback = (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200)["items"].EnumerateArray().ToList();
        Assert.Equal([null, "receipt"], feedback.ConvertAll(f => f.TryGetProperty("reason_code", out var code) ? code.GetString() : null));
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { reject_codes = new[] { codes[0], codes[0] } })).Expect(400);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/agents/desk", new { reject_codes = new[] { new { code = "x" } } })).Expect(400);
    }

    [Theory, Databases]
    public async Task An_edit_is_measured_by_the_limits_again(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { two_person_over = new { amount = 1000, currency = "USD" } } });
        var (first, second) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var handoff = await host.Agent.PendingAsync("s-1");

        var raised = (await first.Client.ApproveAsync(handoff, new { amount = 1200, arguments = new { expense_id = "e-9", approved_amount = 1200 } })).Expect(200);

        Assert.Equal(("open", 2), (raised.Text("status"), raised["approvals_needed"].GetInt32()));
        Assert.Equal("pending", (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Text("status"));
        (await first.Client.ApproveAsync(handoff)).Expect(409);
        var approved = (await second.Client.SendAsync(HttpMethod.Post, $"/api/v1/handoffs/{handoff}/approve", new { }, ifMatch: $"\"{raised["version"]}\"")).Expect(200);
        Assert.Equal(("approved", 1200m), (approved.Text("status"), approved["amount"].GetDecimal()));
    }
}
