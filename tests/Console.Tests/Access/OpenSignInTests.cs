using System.Net;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Access;

/// <summary>What is open ends soon after the right to it does.</summary>
public sealed class OpenSignInTests
{
    public static TheoryData<DatabaseProvider, string> Losses()
    {
        var data = new TheoryData<DatabaseProvider, string>();
        foreach (var provider in new[] { DatabaseProvider.Sqlite, DatabaseProvider.Postgres })
        {
            foreach (var loss in new[] { "role", "removed", "password" })
            {
                data.Add(new TheoryDataRow<DatabaseProvider, string>(provider, loss) { Skip = provider == DatabaseProvider.Postgres ? PrivatePostgres.Missing : null });
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(Losses))]
    public async Task Threat_31_A_right_taken_away_ends_open_circuits_and_cookies(DatabaseProvider provider, string loss)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var email = (await host.PersonAsync(Permissions.Owner)).Email;
        (await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { password = "Some-horse-9-battery" })).Expect(200);
        using var browser = host.Browser();
        await browser.SignInAsync(email, "Some-horse-9-battery");
        using var before = await browser.GetAsync("/inbox");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await using var circuit = await OpenCircuit.OfAsync(host, email);

        (loss switch
        {
            "role" => await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { roles = new[] { Permissions.Viewer } }),
            "removed" => await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/users/{email}", null),
            _ => await host.Admin.SendAsync(HttpMethod.Patch, $"/api/v1/users/{email}", new { password = "Other-horse-9-battery" }),
        }).Expect(200, 204);

        // Looked at every four seconds, by circuits and by pages that are fetched.
        Assert.True(FreshSignIn.Every < TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync("the circuit's person is nobody any more", async () => !await circuit.IsSignedInAsync());
        await Eventually.HoldsAsync("the cookie opens nothing", async () =>
        {
            using var page = await browser.GetAsync("/inbox");
            return page.StatusCode == HttpStatusCode.Redirect;
        });
    }

    [Theory, Databases]
    public async Task Threat_19_A_copy_of_the_cookie_opens_nothing_after_its_owner_has_signed_out(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var owner = host.Browser();
        using var other = host.Browser();
        using var signedIn = await owner.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        await other.SignInAsync(Bootstrap.AdminEmail, ConsoleHost.AdminPassword);
        using var thief = host.Client(null);
        thief.DefaultRequestHeaders.Add("Cookie", signedIn.SignInCookie());
        using var stolen = await thief.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, stolen.StatusCode);

        using var signedOut = await owner.SubmitAsync("/sign-out", "sign-out");

        Assert.Equal(HttpStatusCode.Redirect, signedOut.StatusCode);
        await Eventually.HoldsAsync("the copy opens nothing", async () =>
        {
            using var page = await thief.GetAsync("/account");
            return page.StatusCode == HttpStatusCode.Redirect;
        });

        // The person's other sign-in, on a phone or a wall, goes on, also once it was looked at anew.
        using var elsewhere = await other.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Threat_19_Signing_out_ends_the_circuits_of_that_sign_in()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var (signIn, elsewhere) = (PersonClaims.NewSignIn(), PersonClaims.NewSignIn());
        var person = await host.Services<HandrailStore>().ReadAsync(db => Task.FromResult(db.Users.Single().Id), CancellationToken.None);
        await host.Services<OpenSignIns>().BeginAsync(person, signIn.Value, "password", null, null, CancellationToken.None);
        await host.Services<OpenSignIns>().BeginAsync(person, elsewhere.Value, "password", null, null, CancellationToken.None);
        await using var circuit = await OpenCircuit.OfAsync(host, Bootstrap.AdminEmail, signIn);
        await using var other = await OpenCircuit.OfAsync(host, Bootstrap.AdminEmail, elsewhere);

        await host.Services<SignIn>().SignOutAsync(CurrentCaller.Of((await circuit.StateAsync()).User)!, signIn.Value, CancellationToken.None);

        await Eventually.HoldsAsync("the circuit's person is nobody any more", async () => !await circuit.IsSignedInAsync());
        Assert.True(await other.IsSignedInAsync());
    }

    [Theory, Databases]
    public async Task Threat_11_A_key_is_stored_as_a_hash_and_stands_in_no_table(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var key = (await host.Admin.PostAsync("/api/v1/keys", new { name = "desk" })).Expect(200);
        (await host.Client(key.Text("key")).ReadAsync("/api/v1/agents/desk/policy")).Expect(200);

        var (stored, audit) = await host.Services<HandrailStore>().ReadAsync(
            db => Task.FromResult((JsonText.Of(db.AgentKeys.ToList()), JsonText.Of(db.AuditRecords.ToList()))), CancellationToken.None);

        Assert.Contains(Secrets.Hash(key.Text("key")), stored);
        Assert.DoesNotContain(key.Text("key"), stored + audit);
        var shown = (await host.Admin.ReadAsync("/api/v1/keys")).Expect(200);
        Assert.NotNull(shown["items"].EnumerateArray().Single(k => k.GetProperty("id").GetString() == key.Text("id")).GetProperty("last_used_at").GetString());
        Assert.DoesNotContain(Secrets.Hash(key.Text("key")), shown.Body.ToString());
    }

    [Theory, Databases]
    public async Task Threat_10_What_an_agent_key_tries_and_may_not_is_on_record_once_in_a_while(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var asked = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = "a-1", agent = "desk", type = "t" })).Expect(200);
        var desk = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "desk's key", agents = new[] { "desk" } })).Expect(200).Text("key"));

        for (var i = 0; i < 3; i++)
        {
            (await desk.PostAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}/approve", new { })).Expect(403);
            (await desk.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(403);
            (await desk.PostAsync("/api/v1/sessions/s-2/actions", new { action_id = "a-1", agent = "somebody-else", type = "t" })).Expect(403);
        }

        var records = (await host.Admin.ReadAsync("/api/v1/audit?act=key.refused")).Expect(200)["items"].EnumerateArray().ToList();
        Assert.All(records, r => Assert.Equal("desk's key", r.GetProperty("actor").GetString()));
        Assert.Equal(
            ["POST /api/v1/handoffs/{id}/approve", "POST /api/v1/sessions/{sessionId}/actions/", "PUT /api/v1/fleet/policy"],
            records.Select(r => r.GetProperty("after").GetProperty("door").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal("open", (await host.Admin.ReadAsync($"/api/v1/handoffs/{asked.Text("handoff_id")}")).Expect(200).Text("status"));
    }
}
