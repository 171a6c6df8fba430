using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Handoffs;

/// <summary>Whoever decides, from wherever, at whatever moment: one decision stands, and everybody hears of the same one.</summary>
public sealed class OneDecisionTests
{
    private const int Lanes = 8;

    private static int Races => LongRun.Wanted ? 1_000 : 160;

    [Theory, Databases]
    public async Task Threat_06_Of_fifty_people_on_pages_and_the_API_of_two_consoles_one_decides_and_the_others_are_told_who(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);

        // A database file has one console; on PostgreSQL several share one database.
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var other = second ?? host;
        var people = new[] { await host.PersonAsync("Reviewer"), await host.PersonAsync("Owner"), await host.PersonAsync("Administrator") };
        var elsewhere = people.Select(p => other.Client(p.Client.DefaultRequestHeaders.Authorization!.Parameter)).ToList();
        for (var round = 0; round < 6; round++)
        {
            var session = $"s-{round}";
            var handoff = await host.Agent.PendingAsync(session);
            var waiting = other.Client(ConsoleHost.AgentKey).ReadAsync($"/api/v1/sessions/{session}/actions/a-1?wait=30");

            var tries = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i => (i % 4) switch
            {
                0 => Of(await people[i % 3].Client.ApproveAsync(handoff, new { note = "by API" })),
                1 => Of(await elsewhere[i % 3].RejectAsync(handoff)),
                2 => Of(await host.DecideAsPageAsync(people[i % 3].Email, handoff, DecisionKind.Approve, 1)),
                _ => Of(await other.DecideAsPageAsync(people[i % 3].Email, handoff, DecisionKind.Reject, 1)),
            }));

            var won = Assert.Single(tries, t => t.Won);
            Assert.All(tries.Where(t => !t.Won), t => Assert.Contains($"{won.Status} by {won.By}", t.Told));
            var action = (await waiting).Expect(200);
            Assert.Equal((won.Status, won.By), (action.Text("status"), action.Text("decided_by")));
            Assert.Equal(won.Status == "approved", action["grant"].ValueKind == JsonValueKind.String);
            Assert.Equal(won.Status == "approved" ? 200 : 409, (await other.Client(ConsoleHost.AgentKey).PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { })).Status);
            var recorded = Assert.Single(await DeedsAsync(host, handoff));
            Assert.Equal((won.By, won.Status == "approved" ? "handoff.approve" : "handoff.reject"), recorded);
            var feedback = (await host.Agent.ReadAsync("/api/v1/agents/desk/feedback")).Expect(200)["items"].EnumerateArray().Single(f => f.GetProperty("handoff_id").GetString() == handoff);
            Assert.Equal((won.Status, won.By), (feedback.GetProperty("decision").GetString(), feedback.GetProperty("by").GetString()));
            Assert.Equal(0, (await host.Admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200)["open_handoffs"].GetInt32());
        }
    }

    [Theory, Databases]
    public async Task Decided_before_while_or_after_the_agent_begins_to_wait_it_hears_the_decision(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var (waiter, reviewer) = ((second ?? host).Client(ConsoleHost.AgentKey), (await host.PersonAsync("Reviewer")).Client);
        await InLanesAsync(async round =>
        {
            var session = $"s-{round}";
            var handoff = await host.Agent.PendingAsync(session);
            var deciding = round % 3 == 0 ? null : DecideAsync();
            var waiting = waiter.ReadAsync(round % 5 == 0 ? $"/api/v1/handoffs/{handoff}?wait=60" : $"/api/v1/sessions/{session}/actions/a-1?wait=60");
            var decided = await (deciding ?? DecideAsync());
            if (round % 3 == 2)
            {
                // After it was decided, and after others have heard of it.
                await waiting;
                waiting = waiter.ReadAsync($"/api/v1/sessions/{session}/actions/a-1?wait=60");
            }

            var heard = (await waiting).Expect(200);
            Assert.Equal(round % 2 == 0 ? "approved" : "rejected", heard.Text("status"));
            Assert.Equal(decided.Expect(200).Text("decided_by"), heard.Text("decided_by"));

            Task<Answer> DecideAsync() => round % 2 == 0 ? reviewer.ApproveAsync(handoff) : reviewer.RejectAsync(handoff);
        });
    }

    [Theory, Databases]
    public async Task Threat_30_Whatever_comes_first_nothing_is_claimed_after_a_stop_was_answered(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var (other, reviewer) = ((second ?? host).Client(ConsoleHost.AgentKey), (await host.PersonAsync("Reviewer")).Client);
        var ended = new System.Collections.Concurrent.ConcurrentBag<string>();
        await InLanesAsync(async round =>
        {
            var session = $"s-{round}";
            var handoff = await host.Agent.PendingAsync(session);
            var stop = host.Admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "race" });
            var approve = reviewer.ApproveAsync(handoff);
            var claims = new List<(int Status, bool AfterTheStop)>();
            while (claims.Count == 0 || !claims[^1].AfterTheStop)
            {
                var after = stop.IsCompleted;
                claims.Add(((await other.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { })).Status, after));
            }

            (await stop).Expect(200);
            Assert.Contains((await approve).Status, new[] { 200, 409 });
            Assert.All(claims, c => Assert.Contains(c.Status, c.AfterTheStop ? [409] : new[] { 200, 409 }));
            var action = (await host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1")).Expect(200);
            ended.Add(action.Text("execution") == "claimed" ? "claimed before" : action.Text("status"));
            Assert.Equal(claims.Any(c => c.Status == 200) ? "claimed" : "none", action.Text("execution"));
            Assert.NotEqual("open", (await host.Admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200).Text("status"));
        });
        Assert.Equal(Races, ended.Count);
        Assert.All(ended, e => Assert.Contains(e, new[] { "cancelled", "claimed before" }));
    }

    [Theory, Databases]
    public async Task Of_those_who_take_a_session_over_at_once_one_holds_it_and_a_stop_beats_them_all(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var (one, two) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var elsewhere = (second ?? host).Client(two.Client.DefaultRequestHeaders.Authorization!.Parameter);
        await InLanesAsync(async round =>
        {
            var session = $"s-{round}";
            var handoff = await host.Agent.PendingAsync(session);
            var stops = round % 2 == 0;
            var race = await Task.WhenAll(
                one.Client.PostAsync($"/api/v1/handoffs/{handoff}/take-over", new { }),
                elsewhere.PostAsync($"/api/v1/sessions/{session}/take-over", new { }),
                stops ? host.Admin.PostAsync($"/api/v1/sessions/{session}/stop", new { reason = "race" }) : elsewhere.ApproveAsync(handoff),
                host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { }));

            var after = (await host.Admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200);
            Assert.Equal(stops ? "stopping" : "taken_over", after.Text("state"));
            if (!stops)
            {
                Assert.True(race[0].Status == 200 || race[1].Status == 200);
                Assert.False(race[0].Status == 200 && race[1].Status == 200);
            }

            (await host.Agent.PostAsync($"/api/v1/sessions/{session}/actions/a-1/claim", new { })).Expect(409);
        });
    }

    [Theory, Databases]
    public async Task A_claim_that_has_run_out_keeps_nobody_off(DatabaseProvider provider)
    {
        var time = new ShiftedTime();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.AddSingleton<TimeProvider>(time)));
        var (first, second) = (await host.PersonAsync("Reviewer"), await host.PersonAsync("Reviewer"));
        var handoff = await host.Agent.PendingAsync("s-1");
        (await first.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(200);
        time.Advance(ClaimHandoff.Lease - TimeSpan.FromSeconds(30));
        (await second.Client.ApproveAsync(handoff)).Expect(409);

        // Activity renews it, and without activity it ends.
        (await first.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(200);
        time.Advance(ClaimHandoff.Lease - TimeSpan.FromSeconds(30));
        (await second.Client.PostAsync($"/api/v1/handoffs/{handoff}/claim", new { })).Expect(409);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(JsonValueKind.Null, (await second.Client.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200)["claimed_by"].ValueKind);
        Assert.Equal("approved", (await second.Client.ApproveAsync(handoff)).Expect(200).Text("status"));
    }

    private static Task InLanesAsync(Func<int, Task> race) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Races), new ParallelOptions { MaxDegreeOfParallelism = Lanes }, async (round, _) => await race(round));

    private static async Task<IReadOnlyList<(string By, string Act)>> DeedsAsync(ConsoleHost host, string handoff) =>
    [
        .. (await host.Admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200)["items"].EnumerateArray().Select(r => (r.GetProperty("actor").GetString()!, r.GetProperty("act").GetString()!)),
    ];

    private static Try Of(Answer answer) => answer.Status == 200
        ? new Try(true, answer.Text("status"), answer.Text("decided_by"), "")
        : new Try(false, "", "", answer.Expect(409, 412).Text("detail") + answer.Body);

    private static Try Of((HandoffAnswer? Done, Refusal? Refused) decided) => decided.Done is { } done
        ? new Try(true, done.Status.Text(), done.DecidedBy!, "")
        : new Try(false, "", "", decided.Refused!.Message);

    private sealed record Try(bool Won, string Status, string By, string Told);
}
