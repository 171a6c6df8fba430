using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Sessions;

/// <summary>What an agent tells of itself is compared with what the gate knows of it, and a person sees where the two disagree.</summary>
public sealed class DisagreementTests
{
    private static readonly object Policy = new
    {
        autonomy = "bounded",
        limits = new object[] { new { type = "payment.send", max_amount = 50, currency = "USD", max_total = 100, per = "day" } },
        tools = new object[] { new { name = "send_payment", risk = "irreversible" } },
    };

    [Theory, Databases]
    public async Task Threat_33_A_session_whose_telemetry_and_gate_disagree_is_marked_with_what_each_says_and_an_honest_one_is_not(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await StartAsync(provider, time);

        // Honest: asks, does, tells.
        await DoAsync(host, "honest", "a-1");
        await CallAsync(host, "honest", "mcp__bank__send_payment");

        // Tells of other tools, and not of the one that it used.
        await DoAsync(host, "silent", "a-1");
        await CallAsync(host, "silent", "search");

        // Calls what the policy holds back, and asks nobody.
        await CallAsync(host, "past", "send_payment");

        // A governed tool that was refused is a call as well.
        await AskAsync(host, "refused", "a-1", 80m);
        await CallAsync(host, "refused", "send_payment");

        // Frameworks that tell of model calls alone, and agents that send no telemetry.
        await DoAsync(host, "models", "a-1", 10m);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("models", "desk"))).Expect(200);
        (await host.Agent.PostAsync("/api/v1/sessions/none/actions", new { action_id = "a-1", agent = "quiet", type = "payment.send", tool = "send_payment" })).Expect(200);

        // A million tokens for a tenth of a cent, and at the price of a batch.
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("cheap", "desk", model: "gpt-4o-mini", inputTokens: 1_000_000, outputTokens: 0, costUsd: 0.001))).Expect(200);
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls("batch", "desk", model: "gpt-4o-mini", inputTokens: 1_000_000, outputTokens: 0, costUsd: 0.075))).Expect(200);
        Assert.DoesNotContain(await MarkedAsync(host), m => m.Value.Contains("untold", StringComparison.Ordinal));

        // Telemetry goes on long enough to have told.
        time.Advance(TimeSpan.FromMinutes(2));
        foreach (var session in new[] { "honest", "silent", "refused", "models" })
        {
            (await host.Agent.PostAsync("/v1/traces", OtlpJson.ModelCalls(session, "desk"))).Expect(200);
        }

        var marked = await MarkedAsync(host);
        Assert.Equal(["cheap", "past", "silent"], marked.Keys.Order(StringComparer.Ordinal));
        var untold = Assert.Single(await FoundAsync(host, "silent"));
        Assert.Equal(("untold", "send_payment", 1), (Text(untold, "kind"), Text(untold, "tool"), untold.GetProperty("carried_out").GetInt32()));
        var past = Assert.Single(await FoundAsync(host, "past"));
        Assert.Equal(("past_the_gate", "desk", "send_payment", 1, 0), (Text(past, "kind"), Text(past, "agent"), Text(past, "tool"), past.GetProperty("calls").GetInt32(), past.GetProperty("asked").GetInt32()));
        var cheap = Assert.Single(await FoundAsync(host, "cheap"));
        Assert.Equal(("under_priced", 0.001m, 0.15m), (Text(cheap, "kind"), cheap.GetProperty("reported_usd").GetDecimal(), cheap.GetProperty("priced_usd").GetDecimal()));

        // Found by the filter, in the file, and by whoever looks back only once it was found.
        var csv = await host.Admin.GetStringAsync("/api/v1/export/sessions.csv?mark=disagrees");
        Assert.Equal(3, csv.Split("\r\n").Count(l => l.Contains("untold", StringComparison.Ordinal) || l.Contains("past_the_gate", StringComparison.Ordinal) || l.Contains("under_priced", StringComparison.Ordinal)));
        var earlier = Uri.EscapeDataString((time.GetUtcNow() - TimeSpan.FromMinutes(1)).ToString("O"));
        Assert.Empty((await host.Admin.ReadAsync($"/api/v1/sessions/silent?until={earlier}")).Expect(200)["disagreements"].EnumerateArray());

        // A budget counts what was let go, whatever the agent says of it: 50 USD are left of 100.
        Assert.Equal("allow", (await AskAsync(host, "cheap", "b-1", 30m)).Text("verdict"));
        Assert.Equal("review", (await AskAsync(host, "cheap", "b-2", 30m)).Text("verdict"));
    }

    [Theory, Databases]
    public async Task Telemetry_that_comes_at_last_takes_the_mark_back_and_a_restart_does_not(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await StartAsync(provider, time);
        await DoAsync(host, "s-1", "a-1");
        await CallAsync(host, "s-1", "search");
        time.Advance(TimeSpan.FromMinutes(2));
        await CallAsync(host, "s-1", "search");
        Assert.Equal(["s-1"], (await MarkedAsync(host)).Keys);

        // Whoever starts knows nothing but the rows, and finds the same.
        var another = new CompareSides(host.Services<HandrailStore>(), host.Services<Policies.PolicySnapshots>(), host.Services<Telemetry.PriceTable>(), time);
        Assert.Equal(0, await another.HandleAsync(CancellationToken.None));
        Assert.Equal(["s-1"], (await MarkedAsync(host)).Keys);

        await CallAsync(host, "s-1", "send_payment");
        Assert.Empty(await MarkedAsync(host));
    }

    [Theory, Databases]
    public async Task What_was_asked_under_another_sessions_name_was_asked(DatabaseProvider provider)
    {
        await using var host = await StartAsync(provider, new ShiftedTime());
        await AskAsync(host, "the gate's name for it", "a-1", 20m);

        await CallAsync(host, "telemetry's", "send_payment");

        Assert.Empty(await MarkedAsync(host));
    }

    private static async Task<ConsoleHost> StartAsync(DatabaseProvider provider, ShiftedTime time)
    {
        // The policy is older than what is called under it.
        time.Advance(TimeSpan.FromMinutes(-10));
        var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        await host.PolicyAsync("desk", Policy);
        time.Advance(TimeSpan.FromMinutes(10));
        return host;
    }

    private static async Task<Answer> AskAsync(ConsoleHost host, string session, string id, decimal amount) =>
        (await host.Agent.PostAsync($"/api/v1/sessions/{Uri.EscapeDataString(session)}/actions", new { action_id = id, agent = "desk", type = "payment.send", tool = "send_payment", amount, currency = "USD" })).Expect(200);

    private static async Task DoAsync(ConsoleHost host, string session, string id, decimal amount = 20m)
    {
        Assert.Equal("allow", (await AskAsync(host, session, id, amount)).Text("verdict"));
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/{id}/claim", new { })).Expect(200);
        (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/{id}/result", new { status = "succeeded" })).Expect(200);
    }

    private static async Task CallAsync(ConsoleHost host, string session, string tool) =>
        (await host.Agent.PostAsync("/v1/traces", OtlpJson.ToolCallAndAnswer(session, "desk", tool, "{}", "{}"))).Expect(200);

    /// <summary>The sessions that are marked by now, and with what.</summary>
    private static async Task<Dictionary<string, string>> MarkedAsync(ConsoleHost host)
    {
        await host.Services<CompareSides>().HandleAsync(CancellationToken.None);
        return (await host.Admin.ReadAsync("/api/v1/sessions?mark=disagrees")).Expect(200)["items"].EnumerateArray()
            .ToDictionary(s => Text(s, "session_id"), s => s.GetProperty("disagreements").GetRawText(), StringComparer.Ordinal);
    }

    private static async Task<List<JsonElement>> FoundAsync(ConsoleHost host, string session) =>
        [.. (await host.Admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200)["disagreements"].EnumerateArray()];

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
