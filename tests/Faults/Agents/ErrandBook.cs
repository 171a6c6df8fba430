using Handrail.Access;
using Handrail.Actions;
using Handrail.Store;
using Handrail.TestAgent;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Faults.Agents;

/// <summary>Who decides an errand, and how.</summary>
internal enum Decider
{
    Policy,
    Approves,
    Rejects,

    /// <summary>Policy lets it go, and a person stops its session before it is begun.</summary>
    Stops,
}

/// <summary>An errand through all its agent's lives.</summary>
/// <param name="Errand">As the agent is told it.</param>
/// <param name="By">Who decides.</param>
internal sealed record ErrandLine(Errand Errand, Decider By)
{
    /// <summary>Where the agent has been killed so far.</summary>
    public List<HaltPoint> KilledAt { get; } = [];

    /// <summary>Its claim was taken by the console.</summary>
    public bool WasClaimed => KilledAt.Exists(p => p >= HaltPoint.ClaimedAnswerUnread);
}

/// <summary>What is written of an errand, wherever somebody may look: agent, card, page and audit trail, which must all tell the same.</summary>
internal sealed class ErrandBook(ConsoleProcess console) : IAsyncDisposable
{
    private readonly HttpClient _agent = console.AsAgent();
    private readonly HttpClient _admin = console.AsAdministrator();
    private readonly ServiceProvider _page = new ServiceCollection().AddHandrailStore(console.Store).AddSingleton<ActionQueries>().BuildServiceProvider();

    /// <returns>Status and execution; null when the console was never asked.</returns>
    public async Task<(string Status, string Execution)?> ReadAsync(Errand errand)
    {
        var told = (await _agent.ReadAsync($"/api/v1/sessions/{errand.Session}/actions/{errand.Action}")).Expect(200, 404);
        if (told.Status == 404)
        {
            return null;
        }

        var all = $"{errand.Session}: {told.Text("status")}, {told.Text("execution")}";
        var row = Assert.Single(await _page.GetRequiredService<ActionQueries>().OfSessionAsync(Caller.System, errand.Session, null, CancellationToken.None));
        Assert.True((row.Status.Text(), row.ActionId) == (told.Text("status"), errand.Action), all + $"; page {row.Status}");
        var same = row.Execution.Text() == told.Text("execution");

        // Between two looks the time to report it may go by.
        Assert.True(same || (row.Execution == ActionExecution.Unknown && told.Text("execution") == "claimed"), all + $"; page {row.Execution}");
        if (told["handoff_id"].GetString() is { } handoff)
        {
            var card = (await _admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200);
            Assert.True(card.Text("status") == (told.Text("status") == "pending" ? "open" : told.Text("status")), all + $"; card {card.Text("status")}");
            var deeds = (await _admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200)["items"].GetArrayLength();
            Assert.True(deeds == (told.Text("status") == "pending" ? 0 : 1), all + $"; {deeds} records");
        }

        var voided = (await _admin.ReadAsync($"/api/v1/audit?target=action:{errand.Session}/{errand.Action}&act=action.void")).Expect(200)["items"].GetArrayLength();
        Assert.True(voided == 0 || told.Text("status") == "cancelled", all + $"; {voided} voided");

        // What is claimed, done or not to be done is offered to nobody.
        Assert.True((told["grant"].ValueKind == System.Text.Json.JsonValueKind.String) == (told.Text("status") is "allowed" or "approved" && told.Text("execution") == "none"), all + "; grant");
        return (told.Text("status"), row.Execution.Text());
    }

    /// <summary>A person decides what waits, and stops what is to be stopped.</summary>
    public async Task DecideAsync(ErrandLine line, AgentProcess agent)
    {
        if (line.By == Decider.Policy)
        {
            return;
        }

        if (line.By == Decider.Stops)
        {
            (await _admin.PostAsync($"/api/v1/sessions/{line.Errand.Session}/stop", new { reason = "enough" })).Expect(200);
            return;
        }

        Answer? asked = null;
        await Eventually.HoldsAsync($"{line.Errand.Session} is asked for", async () =>
        {
            agent.DemandAlive();
            return (asked = await _agent.ReadAsync($"/api/v1/sessions/{line.Errand.Session}/actions/{line.Errand.Action}")).Status == 200;
        });
        if (asked!.Text("status") == "pending")
        {
            var handoff = asked.Text("handoff_id");
            (await (line.By == Decider.Rejects ? _admin.RejectAsync(handoff) : _admin.ApproveAsync(handoff))).Expect(200);
        }
    }

    public async Task IntactAsync() => Assert.True((await _admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());

    public ValueTask DisposeAsync()
    {
        _agent.Dispose();
        _admin.Dispose();
        return _page.DisposeAsync();
    }
}
