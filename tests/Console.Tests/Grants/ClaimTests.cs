using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.Hosting;

namespace Handrail.Grants;

/// <summary>Decided is not done: what may go is claimed once, and never after something that speaks against it.</summary>
public sealed class ClaimTests
{
    [Theory, Databases]
    public async Task Threat_19_A_grant_is_redeemed_once_and_never_again_whichever_copy_is_shown(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var grants = new[] { await host.GrantAsync("s-1", "a-1"), await host.GrantAsync("s-1", "a-1"), (await host.LookAsync("s-1", "a-1")).Text("grant") };

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => host.RedeemAsync(grants[i % 3])));

        var won = Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a != won), a => Assert.Contains("claimed", a.Expect(409).Text("detail")));
        Assert.Equal("claimed", won.Text("execution"));
        Assert.Equal(("s-1", "a-1", "payment.send", "send_payment"), (won.Text("session_id"), won.Text("action_id"), won.Text("type"), won.Text("tool")));
        Assert.Equal(20m, won["amount"].GetDecimal());
        Assert.Equal("DE02120300000000202051", won["arguments"].GetProperty("iban").GetString());
        (await host.ClaimAsync("s-1", "a-1")).Expect(409);

        var asked = await host.AskAsync("s-1", "a-1");
        Assert.Equal("claimed", asked.Text("execution"));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, asked["grant"].ValueKind);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/result", new { status = "succeeded" })).Expect(200);
        (await host.RedeemAsync(grants[0])).Expect(409);
    }

    [Theory, Databases]
    public async Task An_approval_is_claimed_by_name_or_by_grant_and_covers_what_the_person_edited(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var approved = await host.ApprovedAsync("s-1", "a-1", new { amount = 60m, arguments = new { iban = "DE02120300000000202051", amount = 60 } });
        Assert.Equal(("approved", "none"), (approved.Text("status"), approved.Text("execution")));

        var claimed = (await host.ClaimAsync("s-1", "a-1")).Expect(200);

        Assert.Equal(60m, claimed["amount"].GetDecimal());
        Assert.Equal(60, claimed["arguments"].GetProperty("amount").GetInt32());
        (await host.RedeemAsync(approved.Text("grant"))).Expect(409);
        Assert.Equal("claimed", (await host.LookAsync("s-1", "a-1")).Text("execution"));
    }

    [Theory, Databases]
    public async Task A_claim_whose_answer_was_lost_is_answered_again_to_the_same_claim_alone_and_not_after_a_stop(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var grant = await host.GrantAsync("s-1", "a-1");
        Task<Answer> ClaimAsync(string id) => host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { claim_id = id });

        var many = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ClaimAsync(i % 2 == 0 ? "c-1" : "c-2")));

        // Whichever came first: all of that claim were answered alike, and none of the other.
        var won = many[0].Status == 200 ? "c-1" : "c-2";
        Assert.All(many.Where((_, i) => (i % 2 == 0) == (won == "c-1")), a => Assert.Equal(many.First(m => m.Status == 200).Text("claimed_at"), a.Expect(200).Text("claimed_at")));
        Assert.All(many.Where((_, i) => (i % 2 == 0) != (won == "c-1")), a => Assert.Contains("claimed already", a.Expect(409).Text("detail")));
        (await host.Agent.PostAsync("/api/v1/grants/redeem", new { grant, claim_id = won })).Expect(200);
        (await host.RedeemAsync(grant)).Expect(409);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { claim_id = 7 })).Expect(400);
        var other = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "another key" })).Expect(200).Text("key"));
        (await other.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { claim_id = won })).Expect(409);

        (await host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "x" })).Expect(200);
        Assert.Contains("stopped", (await ClaimAsync(won)).Expect(409).Text("detail"));
        Assert.Equal("claimed", (await host.LookAsync("s-1", "a-1")).Text("execution"));
    }

    [Theory, Databases]
    public async Task What_was_never_let_go_is_not_claimed_and_has_no_grant(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var pending = await host.AskAsync("s-1", "a-1", 80m);

        Assert.Equal(System.Text.Json.JsonValueKind.Null, pending["grant"].ValueKind);
        (await host.ClaimAsync("s-1", "a-1")).Expect(409);
        (await host.ClaimAsync("s-1", "a-unknown")).Expect(404);
        (await host.Admin.PostAsync($"/api/v1/handoffs/{pending.Text("handoff_id")}/reject", new { reason = "No" })).Expect(200);
        Assert.Contains("rejected", (await host.ClaimAsync("s-1", "a-1")).Expect(409).Text("detail"));
    }

    [Theory, Databases]
    public async Task A_stop_and_a_take_over_void_what_was_let_go_and_a_pause_only_holds_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var (stopped, taken, paused) = (await host.GrantAsync("s-stop", "a-1"), await host.GrantAsync("s-take", "a-1"), await host.GrantAsync("s-pause", "a-1"));
        (await host.Admin.PostAsync("/api/v1/sessions/s-stop/stop", new { reason = "x" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-take/take-over", new { reason = "x" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-pause/pause", new { reason = "x" })).Expect(200);

        (await host.RedeemAsync(stopped)).Expect(409);
        (await host.RedeemAsync(taken)).Expect(409);
        Assert.NotNull((await host.RedeemAsync(paused)).Expect(409).Header("Retry-After"));

        (await host.Admin.PostAsync("/api/v1/sessions/s-take/hand-back", new { reason = "x" })).Expect(200);
        (await host.RedeemAsync(taken)).Expect(409);
        (await host.Admin.PostAsync("/api/v1/sessions/s-pause/resume", new { reason = "x" })).Expect(200);
        (await host.RedeemAsync(paused)).Expect(200);
    }

    [Theory, Databases]
    public async Task Stopping_or_pausing_the_agent_or_the_fleet_holds_for_claims_too(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var grants = new[] { await host.GrantAsync("s-1", "a-1"), await host.GrantAsync("s-2", "a-2"), await host.GrantAsync("s-3", "a-3") };
        (await host.Admin.PostAsync($"/api/v1/agents/{GrantCalls.Agent}/pause", new { reason = "x" })).Expect(200);
        (await host.RedeemAsync(grants[0])).Expect(409);
        (await host.Admin.PostAsync($"/api/v1/agents/{GrantCalls.Agent}/resume", new { reason = "x" })).Expect(200);
        (await host.RedeemAsync(grants[0])).Expect(200);

        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = "Send_Payment", reason = "Fraud" })).Expect(200);
        Assert.Contains("Fraud", (await host.RedeemAsync(grants[1])).Expect(409).Text("detail"));
        (await host.Admin.PostAsync("/api/v1/fleet/stop", new { reason = "x" })).Expect(200);
        (await host.RedeemAsync(grants[2])).Expect(409);
    }

    [Theory, Databases]
    public async Task A_publish_that_tightens_voids_for_good_and_one_that_does_not_changes_nothing(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var (held, still) = (await host.GrantAsync("s-1", "a-1"), await host.GrantAsync("s-2", "a-2"));
        var approved = (await host.ApprovedAsync("s-3", "a-3")).Text("grant");
        await host.PolicyAsync(GrantCalls.Agent, GrantCalls.UpTo(100));
        (await host.RedeemAsync(still)).Expect(200);

        await host.PolicyAsync(GrantCalls.Agent, GrantCalls.UpTo(10));
        Assert.Contains("policy", (await host.RedeemAsync(held)).Expect(409).Text("detail"));
        Assert.Equal("cancelled", (await host.LookAsync("s-1", "a-1")).Text("status"));
        await host.PolicyAsync(GrantCalls.Agent, GrantCalls.UpTo(100));
        (await host.RedeemAsync(held)).Expect(409);

        // A person has approved it: that policy would ask a person again takes nothing away, that it denies does.
        await host.PolicyAsync(GrantCalls.Agent, new { autonomy = "off" });
        (await host.RedeemAsync(approved)).Expect(409);
    }

    [Theory, Databases]
    public async Task One_approval_is_not_enough_once_policy_asks_for_two(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var grant = (await host.ApprovedAsync("s-1", "a-1")).Text("grant");
        await host.PolicyAsync(GrantCalls.Agent, new { autonomy = "suggest", review = new { approvals = 2 } });

        (await host.RedeemAsync(grant)).Expect(409);
    }

    [Theory, Databases]
    public async Task Threat_30_A_stop_that_was_answered_is_never_followed_by_a_claim(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var claimedFirst = 0;
        for (var i = 0; i < 200; i++)
        {
            var session = $"s-{i}";
            var grant = await host.GrantAsync(session, "a-1");
            var redeeming = Task.Run(() => host.RedeemAsync(grant));
            var stopping = Task.Run(() => host.Admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "race" }));
            await stopping;
            (await host.RedeemAsync(grant)).Expect(409);
            var (redeemed, stopped) = (await redeeming, (await stopping).Expect(200, 202));
            claimedFirst += redeemed.Expect(200, 409).Status == 200 ? 1 : 0;

            // Whoever was first, the record agrees with what each was told.
            var action = await host.LookAsync(session, "a-1");
            Assert.Equal(redeemed.Status == 200 ? "claimed" : "none", action.Text("execution"));
            if (redeemed.Status == 200)
            {
                Assert.Equal("allowed", action.Text("status"));
            }
            else
            {
                // At once, but for a stop that the database had not taken yet when it was answered.
                await Eventually.HoldsAsync("what was not claimed is void", async () => (await host.LookAsync(session, "a-1")).Text("status") == "cancelled");
            }

            Assert.Equal(stopped.Status == 200 ? "stopping" : "stopped", stopped.Text("state"));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{claimedFirst} of 200 were claimed before the stop");
    }

    [Theory, Databases]
    public async Task What_is_claimed_and_never_reported_is_unknown_until_a_late_report(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider, h => h.UseSetting("Grants:ReportWithinSeconds", "1"));
        await host.PayerAsync();
        await host.AskAsync("s-1", "a-1");
        (await host.ClaimAsync("s-1", "a-1")).Expect(200);

        await Eventually.HoldsAsync("the action is unknown", async () => (await host.LookAsync("s-1", "a-1")).Text("execution") == "unknown");

        (await host.ClaimAsync("s-1", "a-1")).Expect(409);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await host.LookAsync("s-1", "a-1"))["grant"].ValueKind);
        var late = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/result", new { status = "failed", error = "declined" })).Expect(200);
        Assert.Equal("failed", late.Text("execution"));
    }

    [Theory, Databases]
    public async Task A_claim_that_policy_voids_gives_its_budget_back(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        object Budget(decimal most) => new
        {
            autonomy = "bounded",
            limits = new object[] { new { type = "payment.send", max_amount = most, currency = "USD", max_total = 40, per = "day" } },
        };
        await host.PolicyAsync(GrantCalls.Agent, Budget(50));
        var (one, two) = (await host.GrantAsync("s-1", "a-1"), await host.GrantAsync("s-1", "a-2"));
        (await host.RedeemAsync(one)).Expect(200);
        Assert.False((await host.AskAsync("s-1", "a-3"))["proceed"].GetBoolean());

        await host.PolicyAsync(GrantCalls.Agent, Budget(10));
        (await host.RedeemAsync(two)).Expect(409);
        await host.PolicyAsync(GrantCalls.Agent, Budget(50));

        Assert.True((await host.AskAsync("s-1", "a-4"))["proceed"].GetBoolean());
        Assert.False((await host.AskAsync("s-1", "a-5"))["proceed"].GetBoolean());
    }

    [Theory, Databases]
    public async Task Another_team_or_agent_redeems_nothing(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PayerAsync();
        var grant = await host.GrantAsync("s-1", "a-1");
        var other = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "other team", team = "other" })).Expect(200).Text("key"));
        var narrow = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "other agent", agents = new[] { "desk" } })).Expect(200).Text("key"));

        (await other.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(404);
        (await narrow.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(403, 404);
        (await other.PostAsync("/api/v1/sessions/s-1/actions/a-1/claim", new { })).Expect(404);
        (await host.Admin.PostAsync("/api/v1/grants/redeem", new { grant })).Expect(403);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await host.Admin.ReadAsync("/api/v1/sessions/s-1/actions/a-1")).Expect(200)["grant"].ValueKind);
        (await host.RedeemAsync(grant)).Expect(200);
    }
}
