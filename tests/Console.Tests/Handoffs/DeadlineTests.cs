using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Handoffs;

/// <summary>What silence means: a no, another role, or waiting on. Never consent, and never forgotten.</summary>
public sealed class DeadlineTests
{
    [Theory, Databases]
    public async Task Silence_puts_it_before_the_role_that_the_policy_names_and_then_is_a_no(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 1, on_timeout = "escalate", escalate_to = "Owner" } });
        var (reviewer, owner) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Owner"));
        var (decided, left) = (await host.Agent.PendingAsync("s-1"), await host.Agent.PendingAsync("s-2"));
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{decided}/claim", new { })).Expect(200);

        await Eventually.HoldsAsync("it is the owner's", async () => (await host.Admin.ReadAsync($"/api/v1/handoffs/{decided}"))["role"].ValueKind == JsonValueKind.String);
        (await reviewer.Client.ApproveAsync(decided)).Expect(403, 409);
        var approved = await owner.Client.ApproveAsync(decided);
        var late = (await host.Agent.ReadAsync("/api/v1/sessions/s-2/actions/a-1?wait=30")).Expect(200);

        // A busy machine may let the owner's own second go by as well: then silence was a no, as for the other.
        Assert.Contains((approved.Status, (await host.Agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1?wait=30")).Text("status")), new[] { (200, "approved"), (409, "expired") });
        Assert.Equal("expired", late.Text("status"));
        var deeds = (await host.Admin.ReadAsync($"/api/v1/audit?target=handoff:{left}")).Expect(200)["items"].EnumerateArray().Select(r => r.GetProperty("act").GetString());
        Assert.Equal(["handoff.expire", "handoff.escalate"], deeds);
    }

    [Theory, Databases]
    public async Task Where_the_policy_says_hold_it_waits_for_ever(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 1, on_timeout = "hold" } });
        var held = await host.Agent.PendingAsync("s-1");
        Assert.Equal(JsonValueKind.Null, (await host.Admin.ReadAsync($"/api/v1/handoffs/{held}")).Expect(200)["expires_at"].ValueKind);

        // Another one's deadline goes by meanwhile.
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 1, on_timeout = "reject" } });
        await host.Agent.PendingAsync("s-2");
        Assert.Equal("expired", (await host.Agent.ReadAsync("/api/v1/sessions/s-2/actions/a-1?wait=30")).Expect(200).Text("status"));
        Assert.Equal("approved", (await host.Admin.ApproveAsync(held)).Expect(200).Text("status"));
    }

    /// <summary>Hundreds at once, on every console that shares the database: each once.</summary>
    [Theory, Databases]
    public async Task What_falls_due_all_at_once_is_dealt_with_once_each(DatabaseProvider provider)
    {
        const int All = 250;
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        _ = second?.Agent;
        await host.FleetPolicyAsync(new { autonomy = "suggest", review = new { timeout_seconds = 5 } });
        var handoffs = await Task.WhenAll(Enumerable.Range(0, All).Select(i => host.Agent.PendingAsync($"s-{i % 50}", $"a-{i}")));

        await Eventually.HoldsAsync("none is open", async () => (await host.Admin.ReadAsync("/api/v1/handoffs?status=open")).Expect(200)["items"].GetArrayLength() == 0);

        var deeds = new List<string>();
        for (string? cursor = null; ;)
        {
            var page = (await host.Admin.ReadAsync($"/api/v1/audit?act=handoff.expire&limit=200{(cursor is null ? "" : $"&cursor={cursor}")}")).Expect(200);
            deeds.AddRange(page["items"].EnumerateArray().Select(r => r.GetProperty("target").GetString()!));
            cursor = page["next_cursor"].GetString();
            if (cursor is null)
            {
                break;
            }
        }

        Assert.Equal(handoffs.Select(h => $"handoff:{h}").Order(StringComparer.Ordinal), deeds.Order(StringComparer.Ordinal));
        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => host.Admin.ReadAsync($"/api/v1/sessions/s-{i}"))),
            s => Assert.Equal(("running", 0), (s.Text("state"), s["open_handoffs"].GetInt32())));
    }

    [Theory, Databases]
    public async Task A_deadline_that_went_by_while_no_console_ran_is_met_when_one_starts(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "suggest", review = new { timeout_seconds = 2, on_timeout = "reject" } }, ifMatch: "*")).Expect(200);
        var handoff = await agent.PendingAsync("s-1");
        var due = (await admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200)["expires_at"].GetDateTimeOffset();
        await console.KillAsync();
        await Eventually.HoldsAsync("the time goes by", () => TimeProvider.System.GetUtcNow() > due);
        await console.StartAgainAsync();

        var heard = (await agent.ReadAsync("/api/v1/sessions/s-1/actions/a-1?wait=30")).Expect(200);

        Assert.Equal("expired", heard.Text("status"));
        (await admin.ApproveAsync(handoff)).Expect(409);
    }
}
