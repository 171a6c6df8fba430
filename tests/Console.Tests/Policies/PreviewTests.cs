using Handrail.Host;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Policies;

/// <summary>What a draft would have changed, told before it is published.</summary>
public sealed class PreviewTests
{
    private static readonly object Since = TimeProvider.System.GetUtcNow().AddDays(-1);

    private static object Bounded(decimal most) => new { autonomy = "bounded", limits = new[] { new { type = "expense.approve", max_amount = most, currency = "USD" } } };

    [Theory, Databases]
    public async Task A_draft_says_what_it_would_have_changed_and_what_people_had_said_of_it(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", Bounded(25));
        foreach (var tens in Enumerable.Range(1, 6))
        {
            await AskAsync(host, "desk", $"a-{tens}", tens * 10);
        }

        await AskAsync(host, "other", "a-1", 40);
        await DecideAsync(host, "s-desk", "a-3", "approve", new { });
        await DecideAsync(host, "s-desk", "a-4", "reject", new { reason = "no receipt" });
        await DecideAsync(host, "s-desk", "a-5", "approve", new { amount = 12, note = "only half" });

        var preview = (await host.Admin.PostAsync("/api/v1/agents/desk/policy/own/preview", new { policy = Bounded(50), since = Since })).Expect(200);

        Assert.Equal((6, 3), (preview["actions"].GetInt32(), preview["changed"].GetInt32()));
        var change = Assert.Single(preview["changes"].EnumerateArray());
        Assert.Equal(("review", "allow", 3), (change.GetProperty("from").GetString(), change.GetProperty("to").GetString(), change.GetProperty("count").GetInt32()));
        Assert.Equal((120m, "USD"), (change.GetProperty("amounts")[0].GetProperty("amount").GetDecimal(), change.GetProperty("amounts")[0].GetProperty("currency").GetString()));
        Assert.Equal((1, 1, 1), (change.GetProperty("approved").GetInt32(), change.GetProperty("edited").GetInt32(), change.GetProperty("rejected").GetInt32()));

        // Now it leaves all three to people; the draft would have agreed with them once, and twice not: an edit is no approval.
        Assert.Equal((0, 0, 3), Agreement(preview["now"]));
        Assert.Equal((1, 2, 0), Agreement(preview["draft"]));
        Assert.True(preview["draft"].GetProperty("interval").GetProperty("high").GetDouble() < 1);

        // The one that a person edited is judged, and listed, as the agent asked it.
        Assert.Equal(["a-3 30", "a-4 40", "a-5 50"], preview["items"].EnumerateArray().Select(i => $"{i.GetProperty("action_id").GetString()} {i.GetProperty("amount").GetDecimal():0}"));
        var item = preview["items"][1];
        Assert.Equal(("s-desk", "desk", "rejected", "rejected", "review"), (item.GetProperty("session_id").GetString(), item.GetProperty("agent").GetString(), item.GetProperty("status").GetString(), item.GetProperty("people").GetString(), item.GetProperty("decided").GetString()));
        Assert.Equal("40.00 USD is over the 25.00 USD that may go without a person", item.GetProperty("because").GetProperty("text").GetString());
        Assert.Equal("40.00 USD is within the 50.00 USD that may go without a person", item.GetProperty("instead").GetProperty("text").GetString());

        // Nothing was published by looking.
        Assert.Equal(1, (await host.Admin.ReadAsync("/api/v1/agents/desk/policy/own"))["version"].GetInt32());
    }

    [Theory, Databases]
    public async Task The_changed_ones_of_a_kind_are_listed_page_by_page(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });
        foreach (var i in Enumerable.Range(1, 9))
        {
            await AskAsync(host, "desk", $"a-{i}", 10);
            await DecideAsync(host, "s-desk", $"a-{i}", i % 2 == 1 ? "reject" : "approve", new { reason = "no" });
        }

        var listed = new List<string>();
        for (string? cursor = null, next = "first"; next is not null; cursor = next)
        {
            var page = (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { autonomy = "autonomous" }, since = Since, to = "allow", people = "rejected", limit = 2, cursor })).Expect(200);
            Assert.Equal(9, page["changed"].GetInt32());
            listed.AddRange(page["items"].EnumerateArray().Select(i => i.GetProperty("action_id").GetString()!));
            next = page["next_cursor"].GetString();
        }

        Assert.Equal(["a-1", "a-3", "a-5", "a-7", "a-9"], listed);
    }

    [Theory, Databases]
    public async Task A_draft_of_the_fleets_is_tried_with_every_agents_own_layer_and_looks_at_what_its_rules_name(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("held", new { autonomy = "suggest" });
        foreach (var agent in new[] { "held", "free" })
        {
            await AskAsync(host, agent, "a-1", 10, new { order = new { lines = 3 } });
            await AskAsync(host, agent, "a-2", 10, new { order = new { lines = 9 } });
        }

        var rule = new { id = "long", when = new { field = "arguments.order.lines", op = "gt", value = 5 }, then = "deny" };
        var preview = (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { autonomy = "autonomous", rules = new[] { rule } }, since = Since })).Expect(200);

        Assert.Equal(4, preview["actions"].GetInt32());
        Assert.Equal(["free a-2 allow deny", "held a-2 review deny"], preview["items"].EnumerateArray()
            .Select(i => $"{i.GetProperty("agent").GetString()} {i.GetProperty("action_id").GetString()} {i.GetProperty("from").GetString()} {i.GetProperty("to").GetString()}").Order());
    }

    [Theory, Databases]
    public async Task What_was_switched_off_when_it_was_asked_goes_by_no_draft(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { type = "expense.approve", reason = "Phishing" })).Expect(200, 204);
        await AskAsync(host, "desk", "a-1", 10);
        (await host.Admin.PostAsync("/api/v1/fleet/enable", new { type = "expense.approve", reason = "Over" })).Expect(200, 204);
        await AskAsync(host, "desk", "a-2", 10);

        var preview = (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { autonomy = "autonomous" }, since = Since })).Expect(200);

        Assert.Equal(2, preview["actions"].GetInt32());
        Assert.Equal("a-2", Assert.Single(preview["items"].EnumerateArray()).GetProperty("action_id").GetString());
    }

    [Fact]
    public async Task A_draft_with_errors_is_refused_with_all_of_them_by_their_paths()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var refused = (await host.Admin.PostAsync(
            "/api/v1/fleet/policy/preview", new { policy = new { autonomy = "wild", limits = new[] { new { type = "t", max_amount = -1, currency = "USD" } } }, since = Since })).Expect(422);
        var incomplete = (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { limit = 0 })).Expect(400);
        (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { }, since = TimeProvider.System.GetUtcNow().AddDays(1) })).Expect(400);
        (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { }, since = Since, cursor = "x" })).Expect(400);

        Assert.Equal(["autonomy", "limits[0].max_amount"], refused["errors"].EnumerateObject().Select(e => e.Name).Order());
        Assert.Equal(["limit", "policy", "since"], incomplete["errors"].EnumerateObject().Select(e => e.Name).Order());
    }

    [Theory]
    [InlineData("Viewer", 403)]
    [InlineData("Reviewer", 403)]
    [InlineData("OnCall", 403)]
    [InlineData("Owner", 200)]
    public async Task Only_those_who_may_publish_try_drafts(string role, int status)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        var person = await host.PersonAsync(role);
        var body = new { policy = new { }, since = Since };
        foreach (var path in new[] { "/api/v1/fleet/policy/preview", "/api/v1/agents/desk/policy/own/preview", "/api/v1/agents/desk/policy/preview" })
        {
            (await person.Client.PostAsync(path, body)).Expect(status);
            (await host.Agent.PostAsync(path, body)).Expect(403);
            (await host.Anonymous.PostAsync(path, body)).Expect(401);
        }
    }

    [Theory, Databases]
    public async Task A_preview_says_how_far_it_has_come_and_can_be_cancelled(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        foreach (var i in Enumerable.Range(1, 3))
        {
            await AskAsync(host, "desk", $"a-{i}", 10);
        }

        var previews = host.Services<PreviewQueries>();
        var told = new List<PreviewProgress>();
        var draft = JsonText.Element(new PolicyDocument().ToJson())!.Value;
        await previews.ReadAsync(Access.Caller.System, "fleet", draft, new PreviewQuestion((DateTimeOffset)Since), new Listener(told.Add), CancellationToken.None);
        Assert.Equal(new PreviewProgress(3, 1), told[^1]);

        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        for (var i = 0; i < 5; i++)
        {
            // More often than previews run at once: one that was cancelled makes room.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => previews.ReadAsync(Access.Caller.System, "fleet", draft, new PreviewQuestion((DateTimeOffset)Since), null, cancel.Token));
        }

        Assert.Equal(3, (await previews.ReadAsync(Access.Caller.System, "fleet", draft, new PreviewQuestion((DateTimeOffset)Since), null, CancellationToken.None)).Actions);
    }

    [Fact]
    public async Task While_two_previews_run_another_one_is_told_to_come_later_and_then_is_answered()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var goOn = new ManualResetEventSlim();
        var previews = host.Services<PreviewQueries>();
        var draft = JsonText.Element(new PolicyDocument().ToJson())!.Value;
        var running = Enumerable.Range(0, 2).Select(_ => previews.ReadAsync(
            Access.Caller.System, "fleet", draft, new PreviewQuestion((DateTimeOffset)Since), new Listener(_ => goOn.Wait()), CancellationToken.None)).ToList();

        var later = (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { }, since = Since })).Expect(503);

        Assert.Contains("2 previews are running", later.Text("detail"));
        Assert.NotNull(later.Header("Retry-After"));
        goOn.Set();
        await Task.WhenAll(running);
        (await host.Admin.PostAsync("/api/v1/fleet/policy/preview", new { policy = new { }, since = Since })).Expect(200);
    }

    private static async Task AskAsync(ConsoleHost host, string agent, string id, decimal amount, object? arguments = null) =>
        (await host.Agent.PostAsync($"/api/v1/sessions/s-{agent}/actions", new
        {
            action_id = id, agent, type = "expense.approve", amount, currency = "USD", vendor = "Delta", confidence = 0.9, arguments = arguments ?? new { amount },
        })).Expect(200);

    private static async Task DecideAsync(ConsoleHost host, string session, string action, string how, object body)
    {
        var handoff = (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/{action}")).Text("handoff_id");
        (await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/{how}", body)).Expect(200);
    }

    private static (int Agreed, int Disagreed, int Left) Agreement(System.Text.Json.JsonElement agreement) =>
        (agreement.GetProperty("agreed").GetInt32(), agreement.GetProperty("disagreed").GetInt32(), agreement.GetProperty("left_to_people").GetInt32());

    private sealed class Listener(Action<PreviewProgress> told) : IProgress<PreviewProgress>
    {
        public void Report(PreviewProgress value) => told(value);
    }
}
