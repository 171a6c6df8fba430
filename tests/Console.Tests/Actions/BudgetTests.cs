using System.Text.Json;
using Handrail.Host;
using Handrail.Store;
using Handrail.Testing;

namespace Handrail.Actions;

/// <summary>What a limit's <c>max_total</c> promises: as much goes as fits, whoever asks at once and whatever crashes.</summary>
public sealed class BudgetTests
{
    /// <summary>Ten of ten dollars fit. By the month, so that midnight is no other budget.</summary>
    private static readonly object TenFit = new
    {
        autonomy = "bounded",
        limits = new object[] { new { type = "expense.approve", max_amount = 50, currency = "USD", max_total = 100, per = "month" } },
    };

    [Theory, Databases]
    public async Task Threat_13_Of_200_that_ask_two_consoles_at_once_for_what_fits_ten_exactly_ten_go(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.PolicyAsync("desk", TenFit);

        // On SQLite one process has the database.
        await using var second = provider == DatabaseProvider.Postgres ? host.StartAnother() : null;
        var doors = new[] { host.Agent, second?.Agent ?? host.Agent };

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => doors[i % 2].PostAsync($"/api/v1/sessions/s-{i % 50}/actions", Expense("desk", $"a-{i}"))));

        Assert.Equal(10, answers.Count(a => a.Expect(200)["proceed"].GetBoolean()));
        Assert.All(answers.Where(a => !a["proceed"].GetBoolean()), a => Assert.Equal("review", a.Text("verdict")));
        Assert.Equal((0, 100, 0), Figures(await host.Admin.ReadAsync("/api/v1/budgets?agent=desk")));
    }

    [Theory, Databases]
    public async Task A_budget_is_shown_as_spent_held_and_free(DatabaseProvider provider)
    {
        await using var host = await ConsoleHost.StartAsync(provider);
        await host.FleetPolicyAsync(new
        {
            autonomy = "bounded",
            limits = new object[]
            {
                new { type = "expense.approve", max_amount = 50, currency = "USD", max_total = 100, per = "month" },
                new { type = "mail.send", max_amount = 5, currency = "EUR", max_total = 20, per = "session" },
            },
        });
        foreach (var (id, agent) in new[] { ("a-1", "desk"), ("a-2", "other"), ("a-3", "desk"), ("a-4", "desk") })
        {
            Assert.True((await host.Agent.PostAsync($"/api/v1/sessions/s-{agent}/actions", Expense(agent, id))).Expect(200)["proceed"].GetBoolean());
        }

        Assert.Equal((0, 40, 60), Figures(await host.Admin.ReadAsync("/api/v1/budgets")));
        await host.Agent.PostAsync("/api/v1/sessions/s-desk/actions/a-1/claim", new { });
        Assert.Equal((0, 40, 60), Figures(await host.Admin.ReadAsync("/api/v1/budgets")));
        await host.Agent.PostAsync("/api/v1/sessions/s-desk/actions/a-1/result", new { status = "succeeded" });
        Assert.Equal((10, 30, 60), Figures(await host.Admin.ReadAsync("/api/v1/budgets")));
        await host.Agent.PostAsync("/api/v1/sessions/s-other/actions/a-2/result", new { status = "failed" });
        Assert.Equal((10, 20, 70), Figures(await host.Admin.ReadAsync("/api/v1/budgets?agent=other")));

        // A stop voids what nobody has begun.
        (await host.Admin.PostAsync("/api/v1/sessions/s-desk/stop", new { reason = "enough" })).Expect(200);
        var shown = (await host.Admin.ReadAsync("/api/v1/budgets")).Expect(200);
        Assert.Equal((10, 0, 90), Figures(shown));
        var budget = shown["items"][0];
        Assert.Equal(("fleet", "expense.approve", "USD"), (budget.GetProperty("scope").GetString(), budget.GetProperty("limit").GetString(), budget.GetProperty("currency").GetString()));
        Assert.StartsWith("month:", budget.GetProperty("period").GetString());

        // One by session stands beside it once a session is named.
        Assert.Equal(1, shown["items"].GetArrayLength());
        var ofSession = (await host.Admin.ReadAsync("/api/v1/budgets?session_id=s-desk")).Expect(200);
        Assert.Equal(["month", "session"], ofSession["items"].EnumerateArray().Select(b => b.GetProperty("period").GetString()!.Split(':')[0]));

        // Under a limit whose last day is over nothing is free, whatever is left of it.
        await host.FleetPolicyAsync(new
        {
            autonomy = "bounded",
            limits = new[] { new { type = "expense.approve", max_amount = 50, currency = "USD", max_total = 100, per = "month", until = "2026-01-31" } },
        });
        var ended = (await host.Admin.ReadAsync("/api/v1/budgets")).Expect(200);
        Assert.Equal((10, 0, 0), Figures(ended));
        Assert.Equal("2026-01-31", ended["items"][0].GetProperty("ended_on").GetString());
    }

    [Fact]
    public async Task Budgets_are_shown_to_people_alone()
    {
        await using var host = await ConsoleHost.StartAsync(DatabaseProvider.Sqlite);

        (await host.Anonymous.ReadAsync("/api/v1/budgets")).Expect(401);
        (await host.Agent.ReadAsync("/api/v1/budgets")).Expect(403);
        (await (await host.PersonAsync("Viewer")).Client.ReadAsync("/api/v1/budgets")).Expect(200);
    }

    [Theory, Databases]
    public async Task Crashes_leak_no_reservation(DatabaseProvider provider)
    {
        var crashes = LongRun.Wanted ? 100 : 2;
        var chance = new Random(20_261_125);
        await using var console = await ConsoleProcess.StartAsync(new ConsoleSettings { Provider = provider });
        var admin = console.AsAdministrator();
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new { autonomy = "autonomous" }, ifMatch: "*")).Expect(200);
        for (var crash = 0; crash < crashes; crash++)
        {
            var agent = $"desk-{crash}";
            (await admin.SendAsync(HttpMethod.Put, $"/api/v1/agents/{agent}/policy/own", TenFit, ifMatch: "*")).Expect(200);
            var (answered, killAfter) = (0, chance.Next(40));
            var asking = Enumerable.Range(0, 40).Select(i => AskUntilCutOffAsync(console.AsAgent(), agent, i, () => Interlocked.Increment(ref answered))).ToArray();
            await Eventually.HoldsAsync("enough were answered", () => Volatile.Read(ref answered) >= killAfter);
            await console.KillAsync();
            await Task.WhenAll(asking);
            await console.StartAgainAsync();

            // Whoever was cut off can't know, and asks again; what was decided stays so.
            var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => console.AsAgent().PostAsync($"/api/v1/sessions/{agent}-{i % 8}/actions", Expense(agent, $"a-{i}"))));
            Assert.Equal(10, answers.Count(a => a.Expect(200)["proceed"].GetBoolean()));
            Assert.Equal((0, 100, 0), Figures(await admin.ReadAsync($"/api/v1/budgets?agent={agent}")));
        }
    }

    private static async Task AskUntilCutOffAsync(HttpClient client, string agent, int number, Action answered)
    {
        try
        {
            await client.PostAsync($"/api/v1/sessions/{agent}-{number % 8}/actions", Expense(agent, $"a-{number}"));
            answered();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The console was killed.
        }
    }

    private static object Expense(string agent, string id) => new { action_id = id, agent, type = "expense.approve", amount = 10, currency = "USD" };

    private static (decimal Spent, decimal Held, decimal Free) Figures(Answer answer)
    {
        JsonElement budget = answer.Expect(200)["items"][0];
        return (budget.GetProperty("spent").GetDecimal(), budget.GetProperty("held").GetDecimal(), budget.GetProperty("free").GetDecimal());
    }
}
