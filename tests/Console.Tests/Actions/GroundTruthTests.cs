using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Actions;

/// <summary>What people really did outside the console: what shadow mode is compared with.</summary>
public sealed class GroundTruthTests
{
    [Theory, Databases]
    public async Task An_action_in_shadow_says_what_it_would_have_been_and_what_people_did_is_told_once(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", new { autonomy = "shadow", limits = new[] { new { type = "t", max_amount = 50, currency = "USD" } } });
        var recorded = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Action("a-1", 20))).Expect(200);
        Assert.Equal(("shadow", "allow"), (recorded.Text("verdict"), recorded.Text("would_be")));
        Assert.Equal("review", (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Action("a-2", 70))).Expect(200).Text("would_be"));

        var truth = new { decision = "edit", arguments = new { amount = 18 }, by = "kim@example.com", note = "Paid by hand" };
        var told = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(200);
        Assert.Equal("edited", told["ground_truth"].GetProperty("decision").GetString());
        Assert.Equal("kim@example.com", told["ground_truth"].GetProperty("by").GetString());
        Assert.NotEqual("", told["ground_truth"].GetProperty("reported_by").GetString());

        // The same again changes nothing, whoever says it; another truth is refused with the one that is known.
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(200);
        var refused = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", new { decision = "reject" })).Expect(409);
        Assert.Equal("edited", refused["current"].GetProperty("ground_truth").GetProperty("decision").GetString());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-2/ground-truth", new { decision = i % 2 == 0 ? "approve" : "reject" })));
        Assert.Equal(4, answers.Count(a => a.Status == 200));
        Assert.Equal(4, answers.Count(a => a.Status == 409));

        var audit = (await host.Admin.ReadAsync("/api/v1/audit?act=action.ground_truth")).Expect(200);
        Assert.Equal(2, audit["items"].EnumerateArray().Count(r => r.GetProperty("act").GetString() == "action.ground_truth"));
    }

    [Theory]
    [InlineData("{}", "decision")]
    [InlineData("""{"decision":"maybe"}""", "decision")]
    [InlineData("""{"decision":"approve","arguments":7}""", "arguments")]
    [InlineData("""{"decision":"approve","by":7}""", "by")]
    public async Task What_is_wrong_with_a_truth_is_named(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Action("a-1", 20))).Expect(200);

        var refused = (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", JsonText.Element(body)!.Value)).Expect(400);

        Assert.True(refused["errors"].TryGetProperty(member, out _), refused.Body.ToString());
    }

    [Fact]
    public async Task Only_those_who_decide_and_the_agents_own_keys_say_what_people_did()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Action("a-1", 20))).Expect(200);
        var other = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "other", agents = new[] { "other" } })).Expect(200, 201).Text("key"));
        var foreign = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "foreign", team = "foreign" })).Expect(200, 201).Text("key"));
        var truth = new { decision = "approve" };

        (await host.Anonymous.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(401);
        (await other.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(404);
        (await foreign.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(404);
        (await (await host.PersonAsync("Viewer")).Client.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(403);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions/a-9/ground-truth", truth)).Expect(404);
        (await (await host.PersonAsync("Reviewer")).Client.PostAsync("/api/v1/sessions/s-1/actions/a-1/ground-truth", truth)).Expect(200);
    }

    [Theory, Databases]
    public async Task A_look_at_a_sample_says_what_a_person_thinks_and_touches_nothing_that_went(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous", review = new { sample_rate = 1 } });
        foreach (var (action, how, body) in new (string, string, object)[] { ("a-1", "approve", new { }), ("a-2", "reject", new { reason = "too dear" }) })
        {
            (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", Action(action, 20))).Expect(200);
            var sample = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open&kind=sample")).Expect(200)["items"][0].GetProperty("handoff_id").GetString();
            (await host.Admin.PostAsync($"/api/v1/handoffs/{sample}/{how}", body)).Expect(200);

            var after = (await host.Agent.ReadAsync($"/api/v1/sessions/s-1/actions/{action}")).Expect(200);
            Assert.Equal(("allowed", true), (after.Text("status"), after["proceed"].GetBoolean()));
            (await host.Agent.PostAsync($"/api/v1/sessions/s-1/actions/{action}/result", new { status = "succeeded" })).Expect(200);
        }

        var preview = (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { autonomy = "off" }, since = TimeProvider.System.GetUtcNow().AddDays(-1) })).Expect(200);
        Assert.Equal((1, 1), (preview["changes"][0].GetProperty("approved").GetInt32(), preview["changes"][0].GetProperty("rejected").GetInt32()));
    }

    private static object Action(string id, decimal amount) => new { action_id = id, agent = "desk", type = "t", amount, currency = "USD" };
}
