using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Handrail.Grants;

/// <summary>What becomes of grants, approvals and keys when their time goes by.</summary>
public sealed class TimesGoneByTests
{
    [Theory, Databases]
    public async Task Threat_19_An_expired_grant_is_refused_and_asking_again_brings_a_fresh_one(DatabaseProvider provider)
    {
        var time = new LaterTime();
        await using var host = await StartAsync(provider, time);
        await host.PayerAsync();
        var old = await host.GrantAsync("s-1", "a-1");
        time.Later = TimeSpan.FromMinutes(6);

        Assert.Contains("expired", (await host.RedeemAsync(old)).Expect(409).Text("detail"));
        var fresh = await host.GrantAsync("s-1", "a-1");
        Assert.Equal(new JsonWebToken(old).Id, new JsonWebToken(fresh).Id);
        (await host.RedeemAsync(fresh)).Expect(200);
    }

    [Theory, Databases]
    public async Task What_nobody_carries_out_in_time_has_expired_and_its_budget_is_free_again(DatabaseProvider provider)
    {
        var time = new LaterTime();
        await using var host = await StartAsync(provider, time);
        await host.PolicyAsync(GrantCalls.Agent, new
        {
            autonomy = "bounded",
            limits = new object[] { new { type = "payment.send", max_amount = 50, currency = "USD", max_total = 40, per = "session" } },
        });
        await host.AskAsync("s-0", "a-0");
        (await host.ClaimAsync("s-0", "a-0")).Expect(200);
        await host.AskAsync("s-1", "a-1");
        await host.AskAsync("s-1", "a-2");
        Assert.False((await host.AskAsync("s-1", "a-3"))["proceed"].GetBoolean());
        var approved = await host.ApprovedAsync("s-2", "a-1");
        Assert.True(approved["proceed"].GetBoolean());

        time.Later = TimeSpan.FromMinutes(31);

        foreach (var session in new[] { "s-1", "s-2" })
        {
            var lapsed = await host.LookAsync(session, "a-1");
            Assert.Equal(("expired", "none"), (lapsed.Text("status"), lapsed.Text("execution")));
            Assert.False(lapsed["proceed"].GetBoolean());
            Assert.Equal(System.Text.Json.JsonValueKind.Null, lapsed["grant"].ValueKind);
            (await host.ClaimAsync(session, "a-1")).Expect(409);
        }

        var asked = 0;
        await Eventually.HoldsAsync("the budget is free again", async () => (await host.AskAsync("s-1", $"b-{asked++}"))["proceed"].GetBoolean());

        // Whoever did it all the same and says so late is believed.
        (await host.Agent.PostAsync("/api/v1/sessions/s-2/actions/a-1/result", new { status = "succeeded" })).Expect(200);
    }

    [Theory, Databases]
    public async Task An_agent_that_claims_nothing_keeps_its_budget_spent(DatabaseProvider provider)
    {
        var time = new LaterTime();
        await using var host = await StartAsync(provider, time);
        await host.PolicyAsync(GrantCalls.Agent, new
        {
            autonomy = "bounded",
            limits = new object[] { new { type = "payment.send", max_amount = 50, currency = "USD", max_total = 40, per = "session" } },
        });
        await host.AskAsync("s-1", "a-1");
        await host.AskAsync("s-1", "a-2");
        time.Later = TimeSpan.FromMinutes(31);

        Assert.Equal(0, await host.Services<SettleExecutions>().HandleAsync(CancellationToken.None));
        Assert.False((await host.AskAsync("s-1", "a-3"))["proceed"].GetBoolean());
    }

    [Theory, Databases]
    public async Task A_key_that_has_come_of_age_is_followed_by_one_that_everybody_knows_by_then(DatabaseProvider provider)
    {
        var time = new LaterTime();
        await using var host = await StartAsync(provider, time);
        await host.PayerAsync();
        var first = new JsonWebToken(await host.GrantAsync("s-1", "a-1")).Kid;
        time.Later = TimeSpan.FromDays(91);

        // Listed before it signs.
        Assert.Equal(first, new JsonWebToken(await host.GrantAsync("s-2", "a-2")).Kid);
        Assert.Equal(2, (await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200)["keys"].GetArrayLength());
        time.Later += TimeSpan.FromMinutes(6);
        Assert.NotEqual(first, new JsonWebToken(await host.GrantAsync("s-3", "a-3")).Kid);

        time.Later += TimeSpan.FromHours(1);
        Assert.Equal(1, (await host.Anonymous.ReadAsync("/.well-known/jwks.json")).Expect(200)["keys"].GetArrayLength());
    }

    private static Task<ConsoleHost> StartAsync(DatabaseProvider provider, TimeProvider time) =>
        ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton(time)));

    private sealed class LaterTime : TimeProvider
    {
        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Later;
    }
}
