using System.Globalization;
using Handrail.Actions;
using Handrail.Host;
using Handrail.Store;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Handrail.Faults.Gate;

/// <summary>Row 10: faults in everything that the gate decides by, one at a time, at any call of it.</summary>
public sealed class Row10FaultsInTheGate
{
    private const int Seed = 0x10FA;

    [Theory, Databases]
    public async Task Row_10_whatever_fails_that_the_gate_depends_on_nothing_goes_that_the_policy_or_a_person_did_not_give(DatabaseProvider provider)
    {
        var wanted = Suite.Of(150, 2_000);
        var plan = new FaultPlan();
        var clock = new ErringClock(plan);
        await using var database = await TestDatabase.CreateAsync(provider);
        await using var wire = provider == DatabaseProvider.Postgres ? new FaultyWire(database.ConnectionString, plan) : null;
        await using (var host = await ConsoleHost.StartAsync(database, host =>
        {
            host.UseSetting("ConnectionStrings:Handrail", wire?.ConnectionString ?? database.ConnectionString);
            host.ConfigureTestServices(services => services.AddSingleton<TimeProvider>(clock).ConfigureDbContext<HandrailDb>(options => _ = provider == DatabaseProvider.Sqlite
                ? options.AddInterceptors(new FaultySqlite(database.ConnectionString, plan))
                : options.AddInterceptors(new FaultyCommands(plan), new FaultyCommits(plan))));
        }))
        {
            var (random, fleet) = (new Random(Seed), new GateFleet(host));
            await fleet.PrepareAsync();
            var stories = new GateStories(host, fleet, plan, random => Chance(random, provider), random);
            var bad = new BadRows(host, database.Settings, fleet, stories, clock);
            await bad.PrepareAsync();

            var told = 0;
            while (plan.Struck.Values.Sum() + bad.Struck < wanted)
            {
                await stories.TellAsync();
                if (++told % 4 == 0)
                {
                    await bad.SpoilAsync(BadRows.All[told / 4 % BadRows.All.Count], told);
                }

                if (told % 50 == 0)
                {
                    await bad.WithoutAuditAsync(told);
                    await bad.WithSpoiltKeysAsync(told);
                }
            }

            Assert.True(stories.Violations.Count == 0, $"{stories.Violations.Count} of {told} with seed {Seed}:\n{string.Join('\n', stories.Violations.Take(20))}");
            await ExpectBudgetsAsync(database.Settings);
            Assert.True((await host.Admin.ReadAsync("/api/v1/audit/verify")).Expect(200)["intact"].GetBoolean());
            Assert.InRange(stories.LetGo, told / 20, told * 3);
            await SeesWhatIsWrongAsync(host, fleet);
            Figures.Say("Row 10", provider, string.Create(CultureInfo.InvariantCulture,
                $"{plan.Struck.Values.Sum() + bad.Struck} faults struck in {told} stories ({string.Join(", ", plan.Struck.Select(s => $"{s.Value} {s.Key}"))}, {bad.Struck} bad rows): 0 allows that the policy did not give, {stories.LetGo} that it gave, {stories.HeldBack} held back; all right once the fault was over, budgets to the cent"), null);
        }
    }

    /// <summary>Each kind, anywhere within what a step asks of it.</summary>
    private static Fault Chance(Random random, DatabaseProvider provider)
    {
        var kind = random.Next(10) switch { 0 or 1 => FaultKind.Before, 2 or 3 => FaultKind.After, 4 => FaultKind.Slow, 5 or 6 or 7 => FaultKind.Malformed, 8 => FaultKind.Outage, _ => FaultKind.Clock };
        var place = kind == FaultKind.Clock ? FaultPlace.Clock
            : provider == DatabaseProvider.Postgres && (kind == FaultKind.Malformed || random.Next(2) == 0) ? FaultPlace.Wire
            : FaultPlace.Driver;
        return new Fault(kind, place, 1 + random.Next(kind == FaultKind.Clock ? 4 : 14), random.Next());
    }

    /// <summary>What is held of every budget is what the actions hold that drew on it.</summary>
    private static async Task ExpectBudgetsAsync(StoreSettings settings)
    {
        await using var db = Suite.Open(settings);
        var held = (await db.Actions.Where(a => a.BudgetsJson != null).Select(a => a.BudgetsJson!).ToListAsync())
            .SelectMany(json => JsonText.Read<List<BudgetHold>>(json)!).GroupBy(h => h.Key).ToDictionary(g => g.Key, g => g.Sum(h => h.Amount));
        var budgets = await db.Budgets.ToListAsync();
        Assert.NotEmpty(held);
        Assert.All(budgets, budget => Assert.Equal(held.GetValueOrDefault(budget.Key), budget.Reserved));
        Assert.Subset(budgets.Select(b => b.Key).ToHashSet(), held.Keys.ToHashSet());
    }

    /// <summary>The stories find a gate out that lets go what the policy they know of does not give.</summary>
    private static async Task SeesWhatIsWrongAsync(ConsoleHost host, GateFleet fleet)
    {
        await host.FleetPolicyAsync(new { autonomy = "autonomous" });
        var none = new FaultPlan();
        var stories = new GateStories(host, fleet, none, _ => new Fault(FaultKind.Before, FaultPlace.Clock, int.MaxValue, 0), new Random(Seed));
        var loose = GateCase.All.Where(c => c.Name is "over the limit" or "forbidden by a rule" or "nothing left of the total").ToList();
        foreach (var (i, asked) in loose.Index())
        {
            await stories.AskAsync($"control-{i}", asked);
        }

        Assert.True(stories.Violations.Count(v => v.Contains("let go, and the policy did not", StringComparison.Ordinal)) >= loose.Count, "A gate that lets everything go is not found out.");
    }
}
