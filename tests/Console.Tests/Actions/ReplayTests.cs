using System.Globalization;
using Handrail.Access;
using Handrail.Host;
using Handrail.Policies;
using Handrail.Policy;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Actions;

/// <summary>A decision can be made again from what is stored of it, however much has happened since.</summary>
public sealed class ReplayTests
{
    [Theory, Databases]
    public async Task A_decision_replayed_from_its_stored_facts_and_version_is_the_same(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await PublishAsync(host, most: 60);
        (await host.Admin.SendAsync(HttpMethod.Put, "/api/v1/principals/u-1", new { data_scopes = new[] { "claims" } })).Expect(200, 204);
        for (var i = 0; i < 30; i++)
        {
            await AskAsync(host, i);
        }

        // What a decision was made by is gone by now: the policy, what is switched off, orders, budgets, and what people made of it.
        (await host.Admin.PostAsync("/api/v1/fleet/disable", new { type = "mail.send", reason = "Phishing" })).Expect(200, 204);
        await AskAsync(host, 31);
        await AskAsync(host, 37);
        (await host.Admin.PostAsync("/api/v1/fleet/enable", new { type = "mail.send", reason = "Over" })).Expect(200, 204);
        await PublishAsync(host, most: 20);
        for (var i = 40; i < 60; i++)
        {
            await AskAsync(host, i);
        }

        var open = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open&limit=200")).Expect(200)["items"].EnumerateArray().Select(h => h.GetProperty("handoff_id").GetString()).ToList();
        Assert.NotEmpty(open);
        foreach (var handoff in open)
        {
            await host.Admin.PostAsync($"/api/v1/handoffs/{handoff}/approve", new { amount = 1, arguments = new { lines = 1 } });
        }

        (await host.Admin.PostAsync("/api/v1/fleet/stop", new { reason = "End" })).Expect(200, 204);
        await AskAsync(host, 61);

        var store = host.Services<HandrailStore>();
        var all = await store.ReadAsync(db => db.Actions.ToDictionaryAsync(a => (a.SessionId, a.ActionId)), default);
        var replayed = 0;
        var range = new HistoryRange(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddDays(1)) { Members = LongMembers.Reasoning | LongMembers.Arguments | LongMembers.Citations | LongMembers.Checks };
        await foreach (var batch in new ActionHistory(store).ReadAsync(Caller.System, range, default))
        {
            foreach (var recorded in batch)
            {
                var stored = all[(recorded.Facts.SessionId, recorded.Action.ActionId)];
                var versions = stored.PolicyVersion.Split('.').Select(v => int.Parse(v, CultureInfo.InvariantCulture)).ToArray();
                var layers = await store.ReadAsync(db => host.Services<PolicySnapshots>().LayersAsync(db, stored.Agent, new LayerVersions(versions[0], versions[1]), default), default);
                var decision = Gate.Decide(layers, recorded.Action, recorded.Facts, recorded.At).DeniedFor(recorded.Denied);

                Assert.Equal(stored.Verdict, decision.Verdict);
                Assert.Equal(JsonText.Read<List<ReasonText>>(stored.ReasonsJson), decision.Reasons.Select(r => new ReasonText(r.Rule, r.Text)));
                Assert.Equal(stored.Risk, decision.Risk.Text());
                Assert.Equal(stored.Sampled, decision is { Sampled: true, Verdict: Verdict.Allow });
                replayed++;
            }
        }

        Assert.Equal(all.Count, replayed);
        Assert.Equal(["allow", "deny", "review", "shadow", "stop"], all.Values.Select(a => a.Verdict.Text()).Distinct().Order());
        Assert.Contains(all.Values, a => a.Edited);
        Assert.Contains(all.Values, a => a.ReasonsJson.Contains("fleet:disabled-type", StringComparison.Ordinal));
    }

    private static async Task PublishAsync(ConsoleHost host, decimal most) => await host.PolicyAsync("desk", new
    {
        autonomy = "autonomous",
        actions = new[] { new { type = "note.write", autonomy = "shadow" } },
        limits = new object[] { new { type = "expense.*", max_amount = most, currency = "USD", min_confidence = 0.5, max_total = 150, per = "day" } },
        rules = new object[]
        {
            new { id = "long", when = new { field = "arguments.lines", op = "gt", value = 8, missing = "ignore" }, then = "deny" },
            new { id = "unsure", when = new { field = "reasoning", op = "contains", value = "guess", missing = "ignore" }, then = "review" },
            new { id = "uncited", applies_to = new[] { "mail.*" }, when = new { field = "citations.count", op = "lt", value = 1 }, then = "review" },
            new { id = "failed", when = new { field = "checks.failed", op = "gt", value = 0 }, then = "review" },
        },
        tools = new[] { new { name = "pay", risk = "irreversible" } },
        review = new { sample_rate = 0.5, two_person_risk = "irreversible" },
    });

    private static async Task AskAsync(ConsoleHost host, int i) => (await host.Agent.PostAsync($"/api/v1/sessions/s-{i % 4}/actions", new
    {
        action_id = $"a-{i}",
        agent = "desk",
        user = i % 3 == 0 ? "u-1" : null,
        type = (i % 3) switch { 0 => "expense.approve", 1 => "mail.send", _ => "note.write" },
        tool = i % 2 == 0 ? "pay" : "send",
        amount = i % 3 == 0 ? (decimal?)(i % 7 * 13.5m) : null,
        currency = i % 3 == 0 ? "USD" : null,
        vendor = i % 5 == 0 ? "Dеlta" : "Delta",
        confidence = i % 6 == 0 ? 0.93 : 0.49,
        risk = (i % 4) switch { 0 => "read", 1 => "external", _ => null },
        reasoning = i % 8 == 0 ? "A guess" : "The receipt matches",
        arguments = new { lines = i % 11 },
        citations = i % 2 == 0 ? new[] { new { title = "Policy" } } : [],
        checks = new[] { new { name = "total", passed = i % 9 != 0 } },
    })).Expect(200);
}
