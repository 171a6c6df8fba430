using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Handoffs;

/// <summary>What people decided on the like, beside what is to be decided now.</summary>
public sealed class SimilarTests
{
    [Theory, Databases]
    public async Task The_like_is_of_the_same_type_and_vendor_or_category_with_an_amount_that_is_near(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var asked = 0;
        await DecideAsync("a", 40, "Blue Door Cafe", "meals", h => host.Admin.ApproveAsync(h));
        await DecideAsync("b", 60, "Blue Door Cafe", "meals", h => host.Admin.ApproveAsync(h, new { amount = 55 }));
        await DecideAsync("c", 50, "Red Door Cafe", "meals", h => host.Admin.RejectAsync(h, "Not a business meal"));
        await DecideAsync("far", 500, "Blue Door Cafe", "meals", h => host.Admin.ApproveAsync(h));
        await DecideAsync("other", 50, "Casino", "games", h => host.Admin.RejectAsync(h));
        await DecideAsync("kind", 50, "Blue Door Cafe", "meals", h => host.Admin.ApproveAsync(h), type: "expense.export");
        var handoff = await AskAsync("now", 50, "Blue Door Cafe", "meals", "expense.approve");

        var similar = (await host.Admin.ReadAsync($"/api/v1/handoffs/{handoff}/similar")).Expect(200);

        Assert.Equal((1, 1, 1), (similar["approved"].GetInt32(), similar["edited"].GetInt32(), similar["rejected"].GetInt32()));
        Assert.Equal([55m, 40m, 50m], similar["nearest"].EnumerateArray().Select(n => n.GetProperty("amount").GetDecimal()));
        Assert.Equal("Not a business meal", similar["nearest"][2].GetProperty("note").GetString());
        (await host.Agent.ReadAsync($"/api/v1/handoffs/{handoff}/similar")).Expect(403);

        async Task<string> AskAsync(string session, decimal amount, string vendor, string category, string type) =>
            (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = $"a-{asked++}", agent = "desk", type, amount, currency = "USD", vendor, category })).Expect(200).Text("handoff_id");

        async Task DecideAsync(string session, decimal amount, string vendor, string category, Func<string, Task<Answer>> decide, string type = "expense.approve") =>
            (await decide(await AskAsync(session, amount, vendor, category, type))).Expect(200);
    }

    [Theory, Databases]
    public async Task A_sample_is_looked_at_afterwards_and_changes_nothing_of_what_went(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "autonomous", review = new { sample_rate = 1 } });
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", HandoffCalls.Expense("a-1"))).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", HandoffCalls.Expense("a-2"))).Expect(200);
        var samples = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open&kind=sample")).Expect(200)["items"].EnumerateArray().Select(h => h.GetProperty("handoff_id").GetString()!).ToList();
        Assert.Equal(2, samples.Count);

        (await host.Admin.RejectAsync(samples[0], "No receipt")).Expect(200);
        (await host.Admin.ApproveAsync(samples[1], new { amount = 40, arguments = new { expense_id = "e-9", approved_amount = 40 } })).Expect(200);

        foreach (var id in new[] { "a-1", "a-2" })
        {
            var action = (await host.Agent.ReadAsync($"/api/v1/sessions/s-1/actions/{id}")).Expect(200);
            Assert.Equal(("allowed", 48.20m, false), (action.Text("status"), action["amount"].GetDecimal(), action["edited"].GetBoolean()));
        }

        var feedback = (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200)["items"].EnumerateArray().ToList();
        Assert.Equal(["rejected", "edited"], feedback.ConvertAll(f => f.GetProperty("decision").GetString()));
        Assert.Equal(["amount", "/approved_amount"], feedback[1].GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("path").GetString()));
    }
}
