using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Access;

/// <summary>Who asked, on whose behalf and in which session stands with every decision, and finds it wherever decisions are listed.</summary>
public sealed class IdentityTests
{
    [Theory, Databases]
    public async Task Every_decision_is_found_by_its_user_its_agent_and_its_session_wherever_decisions_are_listed(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        foreach (var (session, agent, user) in new[] { ("s-1", "desk", "ada"), ("s-2", "desk", "bob"), ("s-3", "clerk", "ada") })
        {
            var asked = await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = "a-1", agent, user, type = "payment.send", amount = 5, currency = "USD" });
            var handoff = asked.Expect(200).Text("handoff_id");
            if (session != "s-2")
            {
                (await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { reason = $"of {session}" })).Expect(200);
            }

            (await host.Agent.PostAsync("/api/v1/costs", new { events = new[] { new { id = $"c-{session}", session_id = session, agent, kind = "tool", name = $"maps-{session}", amount = 1.5, currency = "USD" } } })).Expect(200);
        }

        (await host.Admin.PostAsync("/api/v1/sessions/s-2/pause", new { reason = "of s-2" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", new { decision = "reject", note = "of s-1" })).Expect(200);

        Assert.Equal(["s-1", "s-3"], await SessionsAsync(host, "/api/v1/sessions?user=ada"));
        Assert.Equal(["s-1"], await SessionsAsync(host, "/api/v1/sessions?user=ada&agent=desk"));
        Assert.Empty(await SessionsAsync(host, "/api/v1/sessions?user=ad"));
        Assert.Equal(["s-1", "s-3"], await SessionsAsync(host, "/api/v1/handoffs?user=ada"));
        Assert.Equal(["s-2"], await SessionsAsync(host, "/api/v1/handoffs?status=open&user=bob"));
        Assert.Equal(["s-3"], await SessionsAsync(host, "/api/v1/handoffs?user=ada&session=s-3"));

        // The record of what people did, with the three identities beside each target.
        Assert.Equal(["s-1", "s-1", "s-3"], await AuditAsync(host, "user=ada"));
        Assert.Equal(["s-1", "s-1"], await AuditAsync(host, "session=s-1"));
        Assert.Equal(["s-2"], await AuditAsync(host, "user=bob"));
        Assert.Equal(["s-3"], await AuditAsync(host, "agent=clerk"));
        Assert.Empty(await AuditAsync(host, "user=ada&agent=clerk&session=s-1"));
        var csv = await host.Admin.GetStringAsync("/api/v1/audit/export?format=csv&user=bob");
        Assert.Contains("session:s-2", csv, StringComparison.Ordinal);
        Assert.DoesNotContain("s-1", csv, StringComparison.Ordinal);

        // Each row names all three.
        var row = (await host.Admin.ReadAsync("/api/v1/audit?user=bob")).Expect(200)["items"][0].GetProperty("subject");
        Assert.Equal(("bob", "desk", "s-2"), (row.GetProperty("user").GetString(), row.GetProperty("agent").GetString(), row.GetProperty("session_id").GetString()));

        var costs = await host.Admin.GetStringAsync("/api/v1/export/costs.csv?by=tool&session=s-3");
        Assert.Contains("maps-s-3", costs, StringComparison.Ordinal);
        Assert.DoesNotContain("maps-s-1", costs, StringComparison.Ordinal);
        Assert.Contains("maps-s-2", await host.Admin.GetStringAsync("/api/v1/export/costs.csv?by=tool&user=bob"), StringComparison.Ordinal);
    }

    private static async Task<List<string?>> SessionsAsync(ConsoleHost host, string path) =>
        [.. (await host.Admin.ReadAsync(path)).Expect(200)["items"].EnumerateArray().Select(i => i.GetProperty("session_id").GetString()).Order(StringComparer.Ordinal)];

    private static async Task<List<string?>> AuditAsync(ConsoleHost host, string query) =>
        [.. (await host.Admin.ReadAsync($"/api/v1/audit?{query}")).Expect(200)["items"].EnumerateArray().Select(i => i.GetProperty("subject").GetProperty("session_id").GetString()).Order(StringComparer.Ordinal)];
}
