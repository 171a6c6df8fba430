using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.ReadBack;

/// <summary>What an agent learns from those who looked at its work.</summary>
public sealed class FeedbackTests
{
    [Theory, Databases]
    public async Task An_agent_reads_what_reviewers_made_of_its_decisions_and_why(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        var asIs = await AskAsync(host, "a-1");
        var edited = await AskAsync(host, "a-2");
        var rejected = await AskAsync(host, "a-3");
        await AskAsync(host, "a-4");
        (await host.Agent.PostAsync("/api/v1/sessions/s-1/handoffs", new { handoff_id = "q-1", agent = "desk", kind = "question", summary = "Which?" })).Expect(200);
        var reviewer = await host.PersonAsync("Reviewer");

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{asIs}/approve", new { note = "fine" })).Expect(200);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{edited}/approve", new { amount = 40, arguments = new { invoice = "i-1", lines = new { net = 40 } }, note = "no drinks" })).Expect(200);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{rejected}/reject", new { reason = "not a meal", reason_code = "category" })).Expect(200);
        (await reviewer.Client.PostAsync("/api/v1/handoffs/q-1/answer", new { answer = new { choice = "this" } })).Expect(200);

        var items = (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200)["items"].EnumerateArray().ToList();
        Assert.Equal(["approved", "edited", "rejected", "answered"], items.Select(i => i.GetProperty("decision").GetString()));
        Assert.All(items, i => Assert.Equal(reviewer.Email, i.GetProperty("by").GetString()));
        Assert.Empty(items[0].GetProperty("changes").EnumerateArray());
        Assert.Equal("a-1", items[0].GetProperty("action_id").GetString());
        Assert.Equal(
            new (string, decimal?, decimal?)[] { ("amount", 50, 40), ("/lines/net", 50, 40), ("/lines/tip", 5, null) },
            items[1].GetProperty("changes").EnumerateArray().Select(c => (c.GetProperty("path").GetString()!, Figure(c, "proposed"), Figure(c, "approved"))));
        Assert.Equal("not a meal", items[2].GetProperty("note").GetString());
        Assert.Equal("category", items[2].GetProperty("reason_code").GetString());
        Assert.Equal("this", items[3].GetProperty("answer").GetProperty("choice").GetString());
    }

    [Theory, Databases]
    public async Task Feedback_is_paged_by_key_and_read_on_from_a_time(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        for (var number = 1; number <= 5; number++)
        {
            (await host.Admin.PostAsync($"/api/v1/handoffs/{await AskAsync(host, $"a-{number}")}/reject", new { reason = "no" })).Expect(200);
        }

        var read = new List<JsonElement>();
        for (string? cursor = "", next = null; cursor is not null; cursor = next)
        {
            var page = (await host.Agent.ReadAsync($"/api/v1/agents/desk/feedback?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}")).Expect(200);
            read.AddRange(page["items"].EnumerateArray());
            next = page["next_cursor"].GetString();
        }

        Assert.Equal(["a-1", "a-2", "a-3", "a-4", "a-5"], read.Select(r => r.GetProperty("action_id").GetString()));
        var since = Uri.EscapeDataString(read[3].GetProperty("at").GetString()!);
        var late = (await host.Agent.ReadAsync($"/api/v1/agents/desk/feedback?since={since}")).Expect(200)["items"];
        Assert.Equal(["a-4", "a-5"], late.EnumerateArray().Select(r => r.GetProperty("action_id").GetString()));
        Assert.True((await host.Agent.ReadAsync("/api/v1/agents/desk/feedback?since=yesterday")).Expect(400)["errors"].TryGetProperty("since", out _));
        Assert.True((await host.Agent.ReadAsync("/api/v1/agents/desk/feedback?limit=0")).Expect(400)["errors"].TryGetProperty("limit", out _));
        (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback?cursor=x")).Expect(400);
    }

    [Fact]
    public async Task Feedback_is_for_the_agent_s_keys_and_for_people_who_may_look()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var desk = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "desk", agents = new[] { "desk" } })).Expect(200).Text("key"));
        var others = host.Client((await host.Admin.PostAsync("/api/v1/keys", new { name = "others", team = "others" })).Expect(200).Text("key"));
        (await host.Agent.SendAsync(HttpMethod.Put, "/api/v1/sessions/s-1", new { agent = "desk" })).Expect(200);

        (await desk.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200);
        (await (await host.PersonAsync("Viewer")).Client.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200);
        (await desk.ReadAsync("/api/v1/agents/counter/feedback")).Expect(404);
        (await others.ReadAsync("/api/v1/agents/desk/feedback")).Expect(404);
        (await host.Anonymous.ReadAsync("/api/v1/agents/desk/feedback")).Expect(401);
    }

    private static async Task<string> AskAsync(ConsoleHost host, string id) => (await host.Agent.PostAsync("/api/v1/sessions/s-1/actions", new
    {
        action_id = id,
        agent = "desk",
        type = "t",
        amount = 50,
        currency = "USD",
        arguments = new { invoice = "i-1", lines = new { net = 50, tip = 5 } },
    })).Expect(200).Text("handoff_id");

    private static decimal? Figure(JsonElement change, string side) => change.GetProperty(side) is { ValueKind: JsonValueKind.Number } value ? value.GetDecimal() : null;
}
