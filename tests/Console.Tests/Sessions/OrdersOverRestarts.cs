using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Sessions;

/// <summary>What was ordered holds after a restart of everything, as if nothing had been.</summary>
public sealed class OrdersOverRestarts
{
    [Theory, Databases]
    public async Task What_was_stopped_paused_or_switched_off_is_so_after_the_console_was_killed_at_once(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
        Task<Answer> AskAsync(string session, string of, string id, string tool) => agent.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = id, agent = of, type = "mail.send", tool });
        foreach (var of in new[] { "desk", "paused", "stopped", "free" })
        {
            Assert.Equal("allow", (await AskAsync($"s-{of}", of, "a-1", "fax")).Expect(200).Text("verdict"));
        }

        (await admin.PostAsync("/api/v1/fleet/disable", new { tool = "smtp", reason = "phishing" })).Expect(200);
        (await admin.PostAsync("/api/v1/agents/paused/pause", new { reason = "look" })).Expect(200);
        (await admin.PostAsync("/api/v1/agents/stopped/stop", new { reason = "runaway" })).Expect(200);
        (await admin.PostAsync("/api/v1/sessions/s-desk/stop", new { reason = "runaway" })).Expect(200);
        await console.KillAsync();
        await console.StartAgainAsync();
        using var after = console.AsAgent();
        using var people = console.AsAdministrator();
        Task<Answer> AgainAsync(string session, string of, string id, string tool) => after.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = id, agent = of, type = "mail.send", tool });

        Assert.Equal("stop", (await AgainAsync("s-desk", "desk", "a-2", "fax")).Expect(200).Text("verdict"));
        Assert.Equal("stop", (await AgainAsync("s-stopped", "stopped", "a-2", "fax")).Expect(200).Text("verdict"));
        Assert.Equal("stop", (await AgainAsync("s-new", "stopped", "a-1", "fax")).Expect(200).Text("verdict"));
        (await AgainAsync("s-paused", "paused", "a-2", "fax")).Expect(409);
        Assert.Equal("deny", (await AgainAsync("s-free", "free", "a-2", "smtp")).Expect(200).Text("verdict"));
        Assert.Equal("allow", (await AgainAsync("s-free", "free", "a-3", "fax")).Expect(200).Text("verdict"));
        (await after.PostAsync("/api/v1/sessions/s-desk/actions/a-1/claim", new { })).Expect(409);
        var off = Assert.Single((await people.ReadAsync("/api/v1/fleet/disabled")).Expect(200)["items"].EnumerateArray());
        Assert.Equal(("smtp", "phishing", ConsoleProcess.AdminEmail), (off.GetProperty("tool").GetString(), off.GetProperty("reason").GetString(), off.GetProperty("by").GetString()));
    }
}
