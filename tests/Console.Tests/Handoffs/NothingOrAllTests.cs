using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Handoffs;

/// <summary>A decision is the handoff, the action, what others waited for and the record of it: whatever breaks in between, all of that stands or nothing.</summary>
public sealed class NothingOrAllTests
{
    private const int MostStatements = 40;

    [Theory, Databases]
    public async Task A_fault_at_any_statement_of_a_decision_leaves_nothing_of_it_or_all(DatabaseProvider provider)
    {
        var fault = new FaultBetween();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.ConfigureDbContext<HandrailDb>(o => o.AddInterceptors(fault))));
        var reviewer = (await host.PersonAsync("Reviewer")).Client;
        (string Verb, object Body)[] decisions =
        [
            ("approve", new { note = "fine", amount = 40, arguments = new { expense_id = "e-9", approved_amount = 40 } }), ("reject", new { reason = "No" }), ("take-over", new { note = "mine" }),
        ];
        foreach (var (verb, body) in decisions)
        {
            var struck = 0;
            for (var statement = 1; statement <= MostStatements; statement++)
            {
                var session = $"s-{verb}-{statement}";
                var handoff = await host.Agent.PendingAsync(session);
                fault.Arm(statement);
                var answer = await reviewer.PostAsync($"/api/v1/handoffs/{handoff}/{verb}", body);
                fault.Arm(0);
                Assert.Contains(answer.Status, new[] { 200, 500, 503 });
                var decided = await DecidedAsync(host.Admin, host.Agent, session, handoff);
                Assert.Equal(answer.Status == 200, decided is not null);
                struck += answer.Status == 200 ? 0 : 1;

                // Nothing of the first try stands in the way of the next.
                if (answer.Status != 200)
                {
                    (await reviewer.PostAsync($"/api/v1/handoffs/{handoff}/{verb}", body)).Expect(200);
                    Assert.NotNull(await DecidedAsync(host.Admin, host.Agent, session, handoff));
                }
            }

            Assert.InRange(struck, 8, MostStatements - 1);
        }
    }

    [Theory, Databases]
    public async Task A_commit_that_fails_decides_nothing_and_one_whose_answer_is_lost_decides_all(DatabaseProvider provider)
    {
        var fault = new FaultAtCommit();
        await using var host = await ConsoleHost.StartAsync(provider, h => h.ConfigureTestServices(s => s.ConfigureDbContext<HandrailDb>(o => o.AddInterceptors(fault))));
        var reviewer = (await host.PersonAsync("Reviewer")).Client;
        foreach (var committed in new[] { false, true })
        {
            // What runs beside may meet the fault in place of the decision: then once more.
            for (var (round, met) = (0, false); !met; round++)
            {
                var session = $"s-{committed}-{round}";
                var handoff = await host.Agent.PendingAsync(session);
                var waiting = host.Agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1?wait=30");
                fault.Arm(committed);
                var answer = await reviewer.ApproveAsync(handoff);
                met = answer.Status != 200;
                Assert.Equal(committed || !met, await DecidedAsync(host.Admin, host.Agent, session, handoff) is not null);
                (await reviewer.ApproveAsync(handoff)).Expect(committed || !met ? 409 : 200);

                // No hint was told: whoever waits hears of it all the same.
                Assert.Equal("approved", (await waiting).Expect(200).Text("status"));
            }
        }
    }

    [Theory, Databases]
    public async Task A_console_killed_while_many_decide_keeps_what_it_answered_and_nothing_by_halves(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        var open = new List<(string Session, string Handoff)>();
        for (var i = 0; i < 120; i++)
        {
            open.Add(($"s-{i}", await agent.PendingAsync($"s-{i}")));
        }

        var answered = new ConcurrentDictionary<string, string>();
        var deciding = Task.WhenAll(Enumerable.Range(0, 6).Select(async lane =>
        {
            try
            {
                foreach (var (_, handoff) in open.Where((_, i) => i % 6 == lane))
                {
                    var answer = await (lane % 2 == 0 ? admin.ApproveAsync(handoff) : admin.RejectAsync(handoff));
                    answered[handoff] = answer.Expect(200).Text("status");
                }
            }
            catch (HttpRequestException)
            {
                // Cut off by the kill.
            }
        }));
        await Eventually.HoldsAsync("decisions are answered", () => answered.Count >= 20);
        await console.KillAsync();
        await deciding;
        await console.StartAgainAsync();

        foreach (var (session, handoff) in open)
        {
            var decided = await DecidedAsync(admin, agent, session, handoff);
            Assert.True(decided is not null || !answered.ContainsKey(handoff), $"{handoff} was answered as {answered.GetValueOrDefault(handoff)} and is open again");
            Assert.True(decided is null || !answered.TryGetValue(handoff, out var said) || said == decided);
            if (decided is null)
            {
                Assert.Equal("approved", (await admin.ApproveAsync(handoff)).Expect(200).Text("status"));
            }
        }

        Assert.True((await admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());
    }

    /// <summary>Hundreds of handoffs and agents that wait on each, while the console is killed again and again.</summary>
    [Theory, Databases]
    public async Task Over_restarts_no_open_handoff_is_lost_stuck_or_decided_twice(DatabaseProvider provider)
    {
        var (all, restarts) = LongRun.Wanted ? (1_000, 20) : (60, 1);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        using var agent = console.AsAgent();
        using var admin = console.AsAdministrator();
        var open = new ConcurrentQueue<(string Session, string Handoff)>();
        await Parallel.ForEachAsync(Enumerable.Range(0, all), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => open.Enqueue(($"s-{i}", await agent.PendingAsync($"s-{i}"))));
        var asked = open.ToList();
        var heard = new ConcurrentDictionary<string, string>();
        using var over = new CancellationTokenSource();
        var agents = Enumerable.Range(0, 8).Select(lane => WaitAsync(agent, asked.Where((_, i) => i % 8 == lane).ToList(), heard, over.Token)).ToList();

        var decisions = new ConcurrentDictionary<string, string>();
        for (var restart = 0; restart <= restarts; restart++)
        {
            var share = all / (restarts + 1);
            var from = decisions.Count;
            var deciding = Task.WhenAll(Enumerable.Range(0, 4).Select(async lane =>
            {
                while (decisions.Count < all && open.TryDequeue(out var next))
                {
                    try
                    {
                        var answer = lane % 2 == 0 ? await admin.ApproveAsync(next.Handoff) : await admin.RejectAsync(next.Handoff);

                        // One that was cut off may have been decided all the same; it says so, and by whom.
                        decisions[next.Handoff] = (answer.Status == 200 ? answer.Body : answer.Expect(409)["current"]).GetProperty("status").GetString()!;
                    }
                    catch (HttpRequestException)
                    {
                        open.Enqueue(next);
                        return;
                    }
                }
            }));
            if (restart == restarts)
            {
                await deciding;
                break;
            }

            await Eventually.HoldsAsync("a share is decided", () => decisions.Count >= from + Math.Min(share, all - from) || open.IsEmpty);
            await console.KillAsync();
            await deciding;
            await console.StartAgainAsync();
        }

        await Eventually.HoldsAsync("every agent has heard", () => heard.Count == all);
        await over.CancelAsync();
        await Task.WhenAll(agents);
        foreach (var (session, handoff) in asked)
        {
            Assert.Equal(decisions[handoff], heard[session]);
            Assert.Equal(decisions[handoff], await DecidedAsync(admin, agent, session, handoff));
        }

        Assert.Empty((await admin.ReadAsync("/api/v1/handoffs?status=open")).Expect(200)["items"].EnumerateArray());
    }

    /// <summary>Waits on each of them in turn, and asks again whenever the console was away.</summary>
    private static async Task WaitAsync(HttpClient agent, List<(string Session, string Handoff)> asked, ConcurrentDictionary<string, string> heard, CancellationToken over)
    {
        foreach (var (session, _) in asked)
        {
            while (!heard.ContainsKey(session) && !over.IsCancellationRequested)
            {
                try
                {
                    var action = await agent.GetFromJsonAsync<JsonElement>($"/api/v1/sessions/{session}/actions/a-1?wait=5", over);
                    if (action.GetProperty("status").GetString() is { } status and not "pending")
                    {
                        heard[session] = status;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    await Task.Yield();
                }
            }
        }
    }

    /// <returns>How it was decided, of which handoff, action, session and audit trail all tell the same; null when all tell that it is open.</returns>
    private static async Task<string?> DecidedAsync(HttpClient admin, HttpClient agent, string session, string handoff)
    {
        var card = (await admin.ReadAsync($"/api/v1/handoffs/{handoff}")).Expect(200);
        var action = (await agent.ReadAsync($"/api/v1/sessions/{session}/actions/a-1")).Expect(200);
        var waiting = (await admin.ReadAsync($"/api/v1/sessions/{session}")).Expect(200);
        var deeds = (await admin.ReadAsync($"/api/v1/audit?target=handoff:{handoff}")).Expect(200)["items"].GetArrayLength();
        if (card.Text("status") == "open")
        {
            Assert.Equal(("pending", "waiting", 1, 0), (action.Text("status"), waiting.Text("state"), waiting["open_handoffs"].GetInt32(), deeds));
            Assert.Equal((1, 48.20m), (card["version"].GetInt32(), action["amount"].GetDecimal()));
            return null;
        }

        Assert.Equal((card.Text("status"), 1), (action.Text("status"), deeds));
        Assert.Equal(card["decided_by"].GetString(), action["decided_by"].GetString());
        Assert.Equal(card["amount"].GetDecimal(), action["amount"].GetDecimal());
        Assert.Equal(card.Text("status") == "taken_over" ? "taken_over" : "running", waiting.Text("state"));
        return card.Text("status");
    }
}
