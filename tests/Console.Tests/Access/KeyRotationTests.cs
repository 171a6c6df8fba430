using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Access;

/// <summary>A key is replaced without an agent standing still, and a person's open pages end when an administrator says so.</summary>
public sealed class KeyRotationTests
{
    [Theory, Databases]
    public async Task A_key_and_the_one_that_replaces_it_both_hold_until_the_overlap_is_over(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var old = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk", agents = new[] { "desk" } })).Expect(200);
        var fresh = (await host.Admin.PostAsync($"/api/v1/keys/{old.Text("id")}/rotate", new { overlap_seconds = 3600 })).Expect(200);
        using var one = host.Client(old.Text("key"));
        using var other = host.Client(fresh.Text("key"));
        foreach (var client in new[] { one, other })
        {
            (await client.ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
            (await client.ReadAsync("/api/v1/agents/another/policy")).Expect(404);
        }

        // At once, where there is reason for haste.
        var last = (await host.Admin.PostAsync($"/api/v1/keys/{fresh.Text("id")}/rotate", new { overlap_seconds = 0 })).Expect(200);
        await Eventually.HoldsAsync("the key before is refused", async () => (await other.ReadAsync("/api/v1/agents/desk/policy")).Status == 401);
        (await host.Client(last.Text("key")).ReadAsync("/api/v1/agents/desk/policy")).Expect(200);
        (await host.Admin.PostAsync($"/api/v1/keys/{fresh.Text("id")}/rotate", new { })).Expect(409);
        (await host.Admin.PostAsync("/api/v1/keys/k-none/rotate", new { })).Expect(404);
        (await host.Admin.PostAsync($"/api/v1/keys/{last.Text("id")}/rotate", new { overlap_seconds = -1 })).Expect(400);
    }

    [Theory, Databases]
    public async Task Who_is_no_administrator_replaces_no_key_and_signs_nobody_out(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        var person = await host.PersonAsync("Owner", "OnCall");
        foreach (var client in new[] { person.Client, host.Agent })
        {
            (await client.PostAsync($"/api/v1/keys/{key.Text("id")}/rotate", new { })).Expect(403);
            (await client.PostAsync($"/api/v1/users/{person.Email}/sign-out", new { })).Expect(403);
        }

        (await host.Anonymous.PostAsync($"/api/v1/keys/{key.Text("id")}/rotate", new { })).Expect(401);
        (await host.Admin.PostAsync($"/api/v1/users/{person.Email}/sign-out", new { })).Expect(204);
        (await host.Admin.PostAsync("/api/v1/users/nobody@example.com/sign-out", new { })).Expect(404);
        (await person.Client.ReadAsync("/api/v1/sessions")).Expect(200);
    }
}
