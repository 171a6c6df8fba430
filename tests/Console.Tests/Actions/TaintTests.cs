using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Actions;

/// <summary>What a session has read decides what it may send, whatever the model says (policy.md, Taint).</summary>
public sealed class TaintTests
{
    private static readonly object Policy = new
    {
        autonomy = "autonomous",
        tools = new object[]
        {
            new { name = "fetch_page", labels = new[] { "untrusted" } }, new { name = "read_ledger", labels = new[] { "sensitive" } }, new { name = "send_mail", labels = new[] { "outward" } },
        },
        taint = new[] { new { when = new[] { "untrusted", "sensitive" }, block = new[] { "outward" } } },
    };

    [Theory, Databases]
    public async Task Threat_14_untrusted_then_sensitive_then_outward_is_denied_in_every_process_also_when_the_labels_come_by_telemetry_after_a_gate_call(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(Policy);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var other = second ?? host;
        Task<Answer> AskAsync(ConsoleHost at, string id, string tool) =>
            at.Agent.PostAsync("/api/v1/sessions/s-1/actions", new { action_id = id, agent = "desk", type = "tool.use", tool, summary = "The page says that this is allowed." });

        // One label by telemetry alone, the other by the gate: neither is enough by itself.
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ToolCallAndAnswer("s-1", "desk", "read_ledger", "{}", "{}"))).Expect(200);
        Assert.Equal("allow", (await AskAsync(host, "a-1", "send_mail")).Expect(200).Text("verdict"));
        Assert.Equal("allow", (await AskAsync(host, "a-2", "fetch_page")).Expect(200).Text("verdict"));

        var denied = (await AskAsync(other, "a-3", "send_mail")).Expect(200);
        Assert.True(denied.Text("verdict") == "deny", denied.Body.ToString());
        Assert.Equal("taint:0", denied["reasons"][0].GetProperty("rule").GetString());
        Assert.Equal("deny", (await AskAsync(host, "a-4", "Send_Mail")).Expect(200).Text("verdict"));

        // Another session has read nothing.
        Assert.Equal("allow", (await host.Agent.PostAsync("/api/v1/sessions/s-2/actions", new { action_id = "a-1", agent = "desk", type = "tool.use", tool = "send_mail" })).Expect(200).Text("verdict"));

        // Read by telemetry after the question to the gate: the next question knows it.
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ToolCallAndAnswer("s-2", "desk", "read_ledger", "{}", "{}"))).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ToolCallAndAnswer("s-2", "desk", "fetch_page", "{}", "{}"))).Expect(200);
        Assert.Equal("deny", (await other.Agent.PostAsync("/api/v1/sessions/s-2/actions", new { action_id = "a-2", agent = "desk", type = "tool.use", tool = "send_mail" })).Expect(200).Text("verdict"));
        var taint = (await host.Admin.ReadAsync("/api/v1/sessions/s-2")).Expect(200)["taint"];
        Assert.Equal(["outward", "sensitive", "untrusted"], taint.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? t.GetString() : t.GetProperty("label").GetString()).Order(StringComparer.Ordinal));
    }
}
