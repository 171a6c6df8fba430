using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Handrail.Store;

namespace Handrail.Faults.Decisions;

/// <summary>Row 8: people, the clock, a stop and the agent meet on one action at the same moment.</summary>
public sealed class Row08Races
{
    private const int Lanes = 8;
    private const int Seed = 0x0ACE;

    [Theory, Databases]
    public async Task Row_08_approve_reject_expire_stop_and_take_over_racing_on_one_action_have_one_outcome_of_which_all_tell_the_same(DatabaseProvider provider)
    {
        var races = Suite.Of(48, 1_000);
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider));
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/agents/patient/policy/own", new { autonomy = "suggest" }, ifMatch: "*")).Expect(200);
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/agents/hasty/policy/own", new { autonomy = "suggest", review = new { timeout_seconds = 1 } }, ifMatch: "*")).Expect(200);
        var people = new List<HttpClient>();
        for (var i = 0; i < 3; i++)
        {
            var email = $"person{i}@example.com";
            (await admin.PostAsync("/api/v1/users", new { email, name = email, roles = new[] { "Reviewer", "OnCall" } })).Expect(200, 201);
            var client = console.AsStranger();
            client.DefaultRequestHeaders.Authorization = new("Bearer", (await admin.PostAsync($"/api/v1/users/{email}/tokens", new { name = "race" })).Expect(200, 201).Text("token"));
            people.Add(client);
        }

        var outcomes = new ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, races), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (race, _) =>
        {
            var outcome = await RaceAsync(race, agent, admin, people);
            outcomes.AddOrUpdate(outcome, 1, (_, known) => known + 1);
        });

        Assert.Equal(races, outcomes.Values.Sum());
        Assert.True((await admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());
        Assert.Empty((await admin.ReadAsync("/api/v1/handoffs?status=open&kind=approval")).Expect(200)["items"].EnumerateArray());
        Figures.Say("Row 8", provider, string.Create(CultureInfo.InvariantCulture,
            $"{races} races, one outcome each: {string.Join(", ", outcomes.OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{o.Value} {o.Key}"))}"), await Suite.DiskOfAsync(console));
    }

    /// <returns>What became of the action.</returns>
    private static async Task<string> RaceAsync(int race, HttpClient agent, HttpClient admin, List<HttpClient> people)
    {
        var (session, expires, stops) = ($"s-{race}", race % 2 == 1, race % 3 != 0);
        var asked = (await agent.PostAsync($"/api/v1/sessions/{session}/actions", new
        {
            action_id = "a-1",
            agent = expires ? "hasty" : "patient",
            type = "expense.approve",
            arguments = new { expense_id = "e-9" },
        })).Expect(200);
        var handoff = asked.Text("handoff_id");
        if (expires)
        {
            // Around the moment at which silence becomes a no.
            var left = asked["expires_at"].GetDateTimeOffset() - TimeProvider.System.GetUtcNow() + TimeSpan.FromMilliseconds(new Random(Seed + race).Next(-120, 120));
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left);
            }
        }

        List<Func<Task<Answer>>> deeds =
        [
            () => people[0].ApproveAsync(handoff),
            () => people[1].RejectAsync(handoff),
            () => people[2].PostAsync($"/api/v1/handoffs/{handoff}/take-over", new { }),
            .. stops ? [() => admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "race" })] : Array.Empty<Func<Task<Answer>>>(),
        ];
        var order = deeds.Select((deed, i) => (deed, i)).ToArray();
        new Random(Seed - race).Shuffle(order);
        var begun = order.Select(d => (d.i, Answer: d.deed())).ToList();
        var claims = new List<(int Status, bool AfterTheStop)>();
        var stop = stops ? begun.Single(b => b.i == 3).Answer : null;
        do
        {
            var after = stop?.IsCompleted ?? begun.TrueForAll(b => b.Answer.IsCompleted);
            claims.Add(((await agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { })).Expect(200, 409).Status, after));
        }
        while (!claims[^1].AfterTheStop);
        var answers = new Dictionary<int, Answer>();
        foreach (var (i, answer) in begun)
        {
            answers[i] = (await answer).Expect(200, 409);
        }

        if (stop is not null)
        {
            (await stop).Expect(200);
            Assert.All(claims.Where(c => c.AfterTheStop), c => Assert.Equal(409, c.Status));
        }

        if (expires && answers.Where(a => a.Key < 3).All(a => a.Value.Status != 200) && !stops)
        {
            await agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1?wait=30");
        }

        return await AgreedAsync(session, handoff, answers, claims.Exists(c => c.Status == 200), stops, agent, admin);
    }

    /// <summary>The agent, the person's card, the session, the audit trail and the grant tell the same.</summary>
    private static async Task<string> AgreedAsync(
        string session, string handoff, Dictionary<int, Answer> answers, bool claimed, bool stops, HttpClient agent, HttpClient admin)
    {
        var card = (await admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200);
        var action = (await agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1")).Expect(200);
        var standing = (await admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200);
        var deeds = (await admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200)["items"].EnumerateArray().Select(d => d.GetProperty("act").GetString()!).ToList();
        var told = string.Join(", ", answers.Select(a => $"{a.Key}: {a.Value.Status}"));
        var (status, said, state) = (card.Text("status"), action.Text("status"), standing.Text("state"));
        var all = $"{session}: card {status}, action {said}, session {state}, deeds {string.Join('+', deeds)}, claimed {claimed}; {told}";

        // One of the people won at most, and was told so; whoever won, or the clock, is the one deed on record.
        var won = answers.Where(a => a.Key < 3 && a.Value.Status == 200).Select(a => a.Key).ToList();
        Assert.True(won.Count <= 1, all);
        var decided = won.Count == 0 ? null : new[] { "approved", "rejected", "taken_over" }[won[0]];
        var act = decided is null ? status == "expired" ? "handoff.expire" : null : new[] { "handoff.approve", "handoff.reject", "handoff.take_over" }[won[0]];
        Assert.True(decided is null ? status is "expired" or "cancelled" : status == decided, all);
        Assert.True(deeds.Count(d => d is "handoff.approve" or "handoff.reject" or "handoff.take_over" or "handoff.expire") == (act is null ? 0 : 1), all);
        Assert.True(act is null || deeds.Contains(act), all);

        // A stop wins over what is not carried out; what was claimed before it stays claimed.
        Assert.True(claimed == (action.Text("execution") == "claimed"), all);
        Assert.True(!claimed || decided == "approved", all);
        Assert.True(said == (stops && !claimed && decided is "approved" ? "cancelled" : status), all);
        Assert.True(state == (stops ? "stopping" : decided == "taken_over" ? "taken_over" : "running"), all);
        Assert.True((action["grant"].ValueKind == JsonValueKind.String) == (said == "approved" && !claimed), all);
        Assert.True(standing["open_handoffs"].GetInt32() == (decided == "taken_over" && !stops ? standing["open_handoffs"].GetInt32() : 0), all);
        return claimed ? "claimed before the stop or without one" : said;
    }
}
