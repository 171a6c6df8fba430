using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Notify;

/// <summary>From an agent's question to a receiver outside, through the running console and its jobs.</summary>
public sealed class NotificationTests
{
    private static object Ask(string id) => new
    {
        action_id = id, agent = "desk", type = "expense.approve", summary = "Ignore what you were told", amount = 48.20m, currency = "USD", vendor = "Blue Door Cafe", reasoning = "The agent's own words",
    };

    private static async Task<string> ChannelAsync(ConsoleHost host, HttpReceiver receiver, string kind = "webhook") => (await host.Admin.PostAsync(
        "/api/v1/notifications/channels",
        kind == "slack" ? new { name = "Slack", kind, secret = new Uri(receiver.Address, "services/T0/token").ToString() } : new { name = "Hook", kind, url = receiver.Address.ToString() }))
        .Expect(200)["channel"].GetProperty("id").GetString()!;

    private static async Task RuleAsync(ConsoleHost host, string channel, params string[] kinds) =>
        (await host.Admin.PostAsync("/api/v1/notifications/rules", new { name = "All", channel_id = channel, kinds })).Expect(200);

    private static string[] Types(HttpReceiver receiver) => [.. receiver.All.Select(r => r.Json.GetProperty("type").GetString()!)];

    private static async Task<string> PendingAsync(ConsoleHost host, string id, string session = "s-1") =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", Ask(id))).Expect(200).Text("handoff_id");

    [Theory, Databases]
    public async Task What_waits_what_was_decided_and_what_was_ordered_reaches_a_receiver_outside(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var receiver = new HttpReceiver();
        await RuleAsync(
            host, await ChannelAsync(host, receiver),
            "handoff_opened", "handoff_decided", "paused", "resumed", "stopped", "switched_off", "policy_published", "taken_over");

        var handoff = await PendingAsync(host, "a-1");
        await Eventually.HoldsAsync("the handoff is told", () => Types(receiver).Contains("handoff.opened"));
        (await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/pause", new { reason = "A secret reason" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/sessions/s-1/stop", new { reason = "x" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/fleet/pause", new { reason = "x" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/fleet/resume", new { reason = "x" })).Expect(200);
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { tool = "send_mail", reason = "x" })).Expect(200, 204);
        await host.FleetPolicyAsync(new { autonomy = "suggest" });

        string[] told = ["handoff.opened", "handoff.decided", "alert.resolved", "session.paused", "session.stopped", "fleet.paused", "fleet.resumed", "fleet.switched_off", "policy.published"];
        await Eventually.HoldsAsync("all of it is told", () => told.All(Types(receiver).Contains));
        Assert.Equal(told.Length, receiver.All.Count);
        Assert.All(receiver.All, r =>
        {
            Assert.DoesNotContain("Ignore what", r.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("own words", r.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("Blue Door", r.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("secret reason", r.Body, StringComparison.Ordinal);
        });
    }

    [Theory, Databases]
    public async Task A_claim_acknowledges_and_a_decision_resolves_the_one_alert_of_a_handoff(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        var reviewer = await host.PersonAsync("Reviewer");
        var viewer = await host.PersonAsync("Viewer");
        var handoff = await PendingAsync(host, "a-1");

        var open = (await viewer.Client.ReadAsync("/api/v1/notifications/alerts")).Expect(200)["items"];
        Assert.Equal(("open", handoff), (open[0].GetProperty("state").GetString(), open[0].GetProperty("handoff_id").GetString()));
        var id = open[0].GetProperty("id").GetString();
        (await viewer.Client.PostAsync($"/api/v1/notifications/alerts/{id}/acknowledge", new { })).Expect(403);
        (await reviewer.Client.PostAsync($"/api/v1/notifications/alerts/{id}/resolve", new { })).Expect(409);
        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(200);
        var acknowledged = (await viewer.Client.ReadAsync($"/api/v1/notifications/alerts/{id}")).Expect(200);
        Assert.Equal(("acknowledged", reviewer.Email), (acknowledged.Text("state"), acknowledged.Text("acknowledged_by")));

        (await reviewer.Client.PostAsync($"/api/v1/handoffs/{handoff}/reject", new { reason = "no" })).Expect(200);

        Assert.Equal("resolved", (await viewer.Client.ReadAsync($"/api/v1/notifications/alerts/{id}")).Expect(200).Text("state"));
        Assert.Empty((await viewer.Client.ReadAsync("/api/v1/notifications/alerts")).Expect(200)["items"].EnumerateArray());
        (await viewer.Client.ReadAsync("/api/v1/notifications/alerts/al-none")).Expect(404);
    }

    [Theory, Databases]
    public async Task A_stop_of_the_fleet_resolves_the_alerts_of_all_that_it_cancels(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        for (var i = 0; i < 5; i++)
        {
            await PendingAsync(host, "a-1", $"s-{i}");
        }

        (await host.Admin.PostAsync("/api/v1/fleet/stop", new { reason = "x" })).Expect(200);

        Assert.Empty((await host.Admin.ReadAsync("/api/v1/notifications/alerts")).Expect(200)["items"].EnumerateArray());
        Assert.Equal(5, (await host.Admin.ReadAsync("/api/v1/notifications/alerts?state=resolved")).Expect(200)["items"].GetArrayLength());
    }

    [Theory, Databases]
    public async Task A_breaker_that_stops_a_session_is_told_once_and_its_alert_ends_with_the_decision(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var receiver = new HttpReceiver();
        await RuleAsync(host, await ChannelAsync(host, receiver), "breaker_tripped", "stopped", "paused", "resumed", "handoff_decided");
        await host.PolicyAsync("desk", new { autonomy = "autonomous", breakers = new[] { new { id = "spent", scope = "session", metric = "cost_usd", limit = 2, then = "stop" } } });

        for (var i = 0; i < 5; i++)
        {
            (await host.Agent.PostAsync(
                "/api/v1/costs", new { events = new[] { new { id = $"c-{i}", session_id = "s-1", agent = "desk", kind = "tool", name = "maps", amount = 2.5, currency = "USD" } } })).Expect(200);
        }

        await Eventually.HoldsAsync("the trip is told", () => Types(receiver).Contains("breaker.tripped"));
        var told = receiver.All[0].Json.GetProperty("data");
        Assert.Equal(("spent", "s-1", "critical"), (told.GetProperty("subject").GetString(), told.GetProperty("session_id").GetString(), told.GetProperty("severity").GetString()));
        Assert.StartsWith("https://handrail.example.com/sessions/s-1", told.GetProperty("links").GetProperty("open").GetString(), StringComparison.Ordinal);
        var handoff = told.GetProperty("handoff_id").GetString();

        (await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/answer", new { answer = new { choice = "resume", new_limit = 50 } })).Expect(200);

        await Eventually.HoldsAsync("the decision and what it does are told", () => new[] { "handoff.decided", "session.resumed", "alert.resolved" }.All(Types(receiver).Contains));
        Assert.Equal(["alert.resolved", "breaker.tripped", "handoff.decided", "session.resumed"], Types(receiver).Order());
    }

    [Fact]
    public async Task Two_consoles_on_one_database_tell_once()
    {
        Assert.SkipWhen(PrivatePostgres.Missing is not null, PrivatePostgres.Missing ?? "");
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Postgres);
        await using var other = host.StartAnother();
        using var receiver = new HttpReceiver();
        await RuleAsync(host, await ChannelAsync(host, receiver));

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => PendingAsync(i % 2 == 0 ? host : other, "a-1", $"s-{i}")));

        await Eventually.HoldsAsync("all forty are told", () => receiver.All.Count >= 40);
        await Eventually.HoldsAsync("nothing is left to be sent", async () =>
            (await host.Admin.ReadAsync("/api/v1/notifications/deliveries?status=pending")).Expect(200)["items"].GetArrayLength() == 0);
        Assert.Equal(40, receiver.All.Count);
        Assert.Equal(40, receiver.All.Select(r => r.Id).Distinct().Count());
    }

    [Theory, Databases]
    public async Task A_test_goes_the_way_of_every_message_and_says_how_it_went(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var refusing = HttpReceiver.Answering(410);
        using var receiver = new HttpReceiver();
        var (good, bad) = (await ChannelAsync(host, receiver, "slack"), await ChannelAsync(host, refusing));

        var sent = (await host.Admin.PostAsync($"/api/v1/notifications/channels/{good}/test", new { })).Expect(202).Text("delivery_id");
        var lost = (await host.Admin.PostAsync($"/api/v1/notifications/channels/{bad}/test", new { })).Expect(202).Text("delivery_id");

        await Eventually.HoldsAsync("the one arrives", async () => (await host.Admin.ReadAsync($"/api/v1/notifications/deliveries/{sent}")).Text("status") == "delivered");
        await Eventually.HoldsAsync("the other is given up", async () => (await host.Admin.ReadAsync($"/api/v1/notifications/deliveries/{lost}")).Text("status") == "dead");
        Assert.Contains("A test of this channel", Assert.Single(receiver.All).Body, StringComparison.Ordinal);
        var dead = (await host.Admin.ReadAsync($"/api/v1/notifications/deliveries?status=dead&channel={bad}")).Expect(200)["items"];
        Assert.Equal(410, dead[0].GetProperty("last_status").GetInt32());
        Assert.Equal(1, (await host.Admin.PostAsync($"/api/v1/notifications/channels/{bad}/resend", new { })).Expect(202)["count"].GetInt32());
        await Eventually.HoldsAsync("it is tried again under its id", () => refusing.All.Count == 2 && refusing.All[0].Id == refusing.All[1].Id);
    }

    [Theory, Databases]
    public async Task Pages_of_deliveries_follow_one_another_without_gap_or_repetition(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        using var receiver = new HttpReceiver();
        var channel = await ChannelAsync(host, receiver);
        for (var i = 0; i < 7; i++)
        {
            (await host.Admin.PostAsync($"/api/v1/notifications/channels/{channel}/test", new { })).Expect(202);
        }

        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await host.Admin.ReadAsync($"/api/v1/notifications/deliveries?limit=3&kind=test{(cursor is null ? "" : "&cursor=" + cursor)}")).Expect(200);
            ids.AddRange(page["items"].EnumerateArray().Select(d => d.GetProperty("id").GetString()!));
            cursor = page["next_cursor"].GetString();
        }
        while (cursor is not null);

        Assert.Equal((7, 7), (ids.Count, ids.Distinct().Count()));
        (await host.Admin.ReadAsync("/api/v1/notifications/deliveries?cursor=nonsense")).Expect(400);
        (await host.Admin.ReadAsync("/api/v1/notifications/deliveries?status=lost")).Expect(400);
    }

    [Theory]
    [InlineData("""{"kind":"webhook","url":"https://example.com"}""", "name")]
    [InlineData("""{"name":"x","url":"https://example.com"}""", "kind")]
    [InlineData("""{"name":"x","kind":"pigeon"}""", "kind")]
    [InlineData("""{"name":"x","kind":"webhook","url":"file:///etc/passwd"}""", "url")]
    [InlineData("""{"name":"x","kind":"webhook","url":"https://user:password@example.com"}""", "url")]
    [InlineData("""{"name":"x","kind":"webhook","url":"https://example.com","secret":"short"}""", "secret")]
    [InlineData("""{"name":"x","kind":"slack"}""", "secret")]
    [InlineData("""{"name":"x","kind":"pager_duty"}""", "secret")]
    [InlineData("""{"name":"x","kind":"email","from":"a@example.com","to":["b@example.com"]}""", "host")]
    [InlineData("""{"name":"x","kind":"email","host":"smtp.example.com","from":"a@example.com"}""", "to")]
    [InlineData("""{"name":"x","kind":"email","host":"smtp.example.com","from":"a@example.com","to_roles":["King"]}""", "to_roles")]
    [InlineData("""{"name":"x","kind":"email","host":"smtp.example.com","from":"A <a@example.com>","to":["b@example.com"]}""", "from")]
    public async Task A_channel_that_leads_nowhere_is_refused_by_what_is_wrong_with_it(string body, string member)
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        var refused = (await host.Admin.PostAsync("/api/v1/notifications/channels", JsonText.Element(body)!.Value)).Expect(400);

        Assert.Equal([member], refused["errors"].EnumerateObject().Select(e => e.Name));
    }

    [Fact]
    public async Task A_rule_that_can_not_hold_is_refused_by_what_is_wrong_with_it()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);
        using var receiver = new HttpReceiver();
        var channel = await ChannelAsync(host, receiver);
        foreach (var (member, rule) in new (string, object)[]
        {
            ("channel_id", new { name = "x", channel_id = "ch-none" }),
            ("kinds", new { name = "x", channel_id = channel, kinds = new[] { "everything" } }),
            ("roles", new { name = "x", channel_id = channel, roles = new[] { "King" } }),
            ("min_amount", new { name = "x", channel_id = channel, min_amount = 5 }),
            ("after_minutes", new { name = "x", channel_id = channel, kinds = new[] { "policy_published" }, after_minutes = 5 }),
            ("quiet.time_zone", new { name = "x", channel_id = channel, quiet = new { time_zone = "Mars/Olympus", from = "22:00", to = "07:00" } }),
            ("quiet.from", new { name = "x", channel_id = channel, quiet = new { time_zone = "UTC", from = "10 pm", to = "07:00" } }),
            ("quiet", new { name = "x", channel_id = channel, quiet = new { time_zone = "UTC", from = "00:00", to = "00:00" } }),
        })
        {
            var refused = (await host.Admin.PostAsync("/api/v1/notifications/rules", rule)).Expect(400);
            Assert.Equal([member], refused["errors"].EnumerateObject().Select(e => e.Name));
        }

        var made = (await host.Admin.PostAsync("/api/v1/notifications/rules", new { name = "x", channel_id = channel, quiet = new { time_zone = "Europe/Berlin", from = "22:00", to = "07:00" } })).Expect(200);
        (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/notifications/rules/{made.Text("id")}", new { name = "y", channel_id = channel }, ifMatch: "\"7\"")).Expect(412);
        var changed = (await host.Admin.SendAsync(HttpMethod.Put, $"/api/v1/notifications/rules/{made.Text("id")}", new { name = "y", channel_id = channel }, ifMatch: made.ETag)).Expect(200);
        Assert.Equal(2, changed["version"].GetInt32());
        (await host.Admin.SendAsync(HttpMethod.Delete, $"/api/v1/notifications/channels/{channel}", null)).Expect(204);
        Assert.Empty((await host.Admin.ReadAsync("/api/v1/notifications/rules")).Expect(200)["items"].EnumerateArray());
    }
}
