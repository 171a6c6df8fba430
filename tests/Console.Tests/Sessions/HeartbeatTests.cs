using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Sessions;

/// <summary>What is known of a session whose agent says nothing of its work, over the public interface.</summary>
public sealed class HeartbeatTests
{
    [Theory, Databases]
    public async Task An_agent_that_asks_for_its_orders_is_there_and_a_person_who_looks_is_no_sign_of_its_life(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var id in new[] { "s-1", "s-2" })
        {
            (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(id, "desk"))).Expect(200);
        }

        Assert.Equal("working", (await host.Agent.ReadAsync("/api/v1/sessions/s-1")).Expect(200).Text("activity"));
        (await host.Admin.ReadAsync("/api/v1/sessions/s-2/control")).Expect(200);
        (await host.Agent.ReadAsync("/api/v1/sessions/nobody/control")).Expect(404);
        (await host.Agent.ReadAsync("/api/v1/sessions/s-1/control")).Expect(200);
        await host.Services<Heartbeats>().WriteAsync(default);

        await Eventually.HoldsAsync("its sign of life is written", async () => await HeartbeatAsync(host, "s-1") == JsonValueKind.String);
        Assert.Equal(JsonValueKind.Null, await HeartbeatAsync(host, "s-2"));
        Assert.Equal(["working", "working"], (await host.Admin.ReadAsync("/api/v1/sessions")).Expect(200)["items"].EnumerateArray().Select(s => s.GetProperty("activity").GetString()));
    }

    private static async Task<JsonValueKind> HeartbeatAsync(ConsoleHost host, string session) => (await host.Admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200)["heartbeat_at"].ValueKind;
}
