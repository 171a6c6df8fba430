using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Actions;

/// <summary>What was refused and comes another way is shown as that before anybody decides on it.</summary>
public sealed class BypassTests
{
    private static readonly object Policy = new
    {
        autonomy = "bounded",
        limits = new object[] { new { type = "payment.send", max_amount = 50, currency = "USD" } },
        rules = new object[]
        {
            new { id = "wires", name = "No wires", applies_to = new[] { "wire.*" }, when = new { all = new[] { new { field = "amount", op = "gt", value = 0 } } }, then = "deny", message = "No wires" },
        },
    };

    [Theory, Databases]
    public async Task Threat_13_A_refused_action_that_comes_by_another_tool_or_in_pieces_is_shown_as_a_possible_bypass(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", Policy);

        // Denied by policy, and asked for with the same arguments by another tool.
        var arguments = new { iban = "DE02120300000000202051", amount = 80m };
        Assert.Equal("deny", (await AskAsync(host, "s-1", "wire", "wire.send", "send_wire", 80m, null, arguments)).Text("verdict"));
        var other = await AskAsync(host, "s-1", "pay", "payment.send", "send_payment", 80m, null, new { amount = 80.00m, iban = "DE02120300000000202051" });
        Assert.Equal("pending", other.Text("status"));
        Assert.False(other.Body.TryGetProperty("possible_bypass", out var told) && told.ValueKind != JsonValueKind.Null, "An agent learns what is noticed of it.");
        var mark = (await host.Admin.ReadAsync("/api/v1/sessions/s-1/actions/pay")).Expect(200)["possible_bypass"];
        Assert.Equal(("other_tool", "wire", "denied", "send_wire"), (Text(mark, "way"), Text(mark, "of"), Text(mark, "status"), Text(mark, "tool")));
        var handoff = (await host.Admin.ReadAsync("/api/v1/handoffs?status=open")).Expect(200)["items"][0];
        Assert.Equal("wire", Text(handoff.GetProperty("possible_bypass"), "of"));

        // Rejected by a person, and then split into what goes by itself.
        var whole = await AskAsync(host, "s-2", "whole", "payment.send", "send_payment", 120m, "Blue Door", new { invoice = "i-1" });
        (await host.Admin.PostAsync($"/api/v1/handoffs/{whole.Text("handoff_id")}/reject", new { reason = "No receipt" })).Expect(200);
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal("allow", (await AskAsync(host, "s-2", $"p-{i}", "payment.send", "send_payment", 40m, "blue  DOOR", new { invoice = $"i-1/{i}" })).Text("verdict"));
            var piece = (await host.Admin.ReadAsync($"/api/v1/sessions/s-2/actions/p-{i}")).Expect(200)["possible_bypass"];
            Assert.Equal(i == 3, piece.ValueKind == JsonValueKind.Object);
        }

        var pieces = (await host.Admin.ReadAsync("/api/v1/sessions/s-2/actions/p-3")).Expect(200)["possible_bypass"];
        Assert.Equal(("pieces", "whole", "rejected", 3, 120m), (Text(pieces, "way"), Text(pieces, "of"), Text(pieces, "status"), pieces.GetProperty("pieces").GetInt32(), pieces.GetProperty("total").GetDecimal()));

        // Another session was refused nothing.
        await AskAsync(host, "s-3", "pay", "payment.send", "send_payment", 80m, null, arguments);
        var marked = (await host.Admin.ReadAsync("/api/v1/sessions?mark=bypass")).Expect(200)["items"].EnumerateArray().ToDictionary(s => Text(s, "session_id"), s => s.GetProperty("possible_bypasses").GetInt32());
        Assert.Equal([("s-1", 1), ("s-2", 1)], marked.Select(m => (m.Key, m.Value)).Order());
        (await host.Admin.ReadAsync("/api/v1/sessions?mark=nonsense")).Expect(400);

        // The same question again gets the same answer, and is not marked again.
        await AskAsync(host, "s-2", "p-3", "payment.send", "send_payment", 40m, "blue  DOOR", new { invoice = "i-1/3" });
        Assert.Equal(1, (await host.Admin.ReadAsync("/api/v1/sessions/s-2"))["possible_bypasses"].GetInt32());
    }

    private static async Task<Answer> AskAsync(ConsoleHost host, string session, string id, string type, string tool, decimal amount, string? vendor, object arguments) =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions", new { action_id = id, agent = "desk", type, tool, amount, currency = "USD", vendor, arguments })).Expect(200);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
