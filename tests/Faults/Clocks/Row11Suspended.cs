using System.Globalization;
using Handrail.Faults.Agents;
using Handrail.Faults.Decisions;
using Handrail.Store;
using Handrail.TestAgent;

namespace Handrail.Faults.Clocks;

/// <summary>Row 11, the agent's side: its clock is off and set, and its process is suspended while what it was given expires.</summary>
public sealed class Row11Suspended
{
    private const int GrantLifeSeconds = 10;

    /// <summary>Longer than what is given lives: ten minutes in the long form, with lives as they are by default.</summary>
    private static TimeSpan Suspension => TimeSpan.FromSeconds(Suite.Of(GrantLifeSeconds + 6, 605));

    [Theory, Databases]
    public async Task Row_11_an_agent_that_is_suspended_past_an_expiry_does_nothing_with_what_it_was_given_before(DatabaseProvider provider)
    {
        var settings = LongRun.Wanted
            ? new Dictionary<string, string>()
            : new Dictionary<string, string> { ["Grants:LifeSeconds"] = GrantLifeSeconds.ToString(CultureInfo.InvariantCulture), ["Grants:ReportWithinSeconds"] = "5" };
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider) with { Settings = settings });
        await GateLoad.PrepareAsync(console);
        await using var book = new ErrandBook(console);
        using var payments = new PaymentReceiver(console.Address, ConsoleProcess.AgentKey);
        var folder = Directory.CreateTempSubdirectory("handrail-agent-");
        var orders = new AgentOrders
        {
            Endpoint = console.Address,
            Key = ConsoleProcess.AgentKey,
            Agent = "desk",
            Ledger = Path.Combine(folder.FullName, "ledger"),
            Payments = payments.Address,
            Errands =
            [
                new Errand("z-grant", "a-1", 12.50m) { ByGrant = true, HaltAt = HaltPoint.Decided },
                new Errand("z-claim", "a-1", 12.50m) { HaltAt = HaltPoint.ClaimedAnswerUnread },
            ],
        };
        await File.WriteAllTextAsync(orders.Ledger, "");
        await using var agent = AgentProcess.Start(orders);
        await agent.AllHaltedAsync(2);
        await agent.SuspendAsync();
        await Task.Delay(Suspension);
        await agent.ContinueAsync();
        await agent.ReleaseAsync();
        await agent.EndedAsync();

        // The grant was good for a time that is over, and the claim for one in which it was to be reported.
        Assert.StartsWith("left alone", agent.Ended["z-grant"], StringComparison.Ordinal);
        Assert.StartsWith("left alone", agent.Ended["z-claim"], StringComparison.Ordinal);
        Assert.Equal((0, ""), (payments.PaidFor("z-grant"), await File.ReadAllTextAsync(orders.Ledger)));
        Assert.Equal(("allowed", "none"), await book.ReadAsync(orders.Errands[0]));
        Assert.Equal(("allowed", "unknown"), await book.ReadAsync(orders.Errands[1]));

        // Asked again it brings a fresh one, with which it is paid once.
        await using var again = AgentProcess.Start(orders with { Errands = [.. orders.Errands.Select(e => e with { HaltAt = HaltPoint.None })] });
        await again.EndedAsync();
        Assert.Equal((1, ""), (payments.PaidFor("z-grant"), await File.ReadAllTextAsync(orders.Ledger)));
        Figures.Say("Row 11, agent suspended", provider, string.Create(CultureInfo.InvariantCulture, $"suspended for {Suspension.TotalSeconds:0} s over its grant and its claim: nothing done with either"), await Suite.DiskOfAsync(console));
        folder.Delete(recursive: true);
    }

    [Theory, Databases]
    public async Task Row_11_an_agent_whose_clock_is_off_and_set_does_what_it_may_once_and_no_more(DatabaseProvider provider)
    {
        await using var console = await ConsoleProcess.StartAsync(await Suite.SettingsAsync(provider));
        await GateLoad.PrepareAsync(console);
        await using var book = new ErrandBook(console);
        using var payments = new PaymentReceiver(console.Address, ConsoleProcess.AgentKey);
        var folder = Directory.CreateTempSubdirectory("handrail-agent-");
        var done = 0;
        foreach (var off in new[] { -600, 600 })
        {
            var errands = new[] { false, true }.SelectMany(byGrant => new[]
            {
                new ErrandLine(new Errand($"o{off}-within-{byGrant}", "a-1", 12.50m) { ByGrant = byGrant }, Decider.Policy),
                new ErrandLine(new Errand($"o{off}-approved-{byGrant}", "a-1", 48.20m) { ByGrant = byGrant }, Decider.Approves),
                new ErrandLine(new Errand($"o{off}-rejected-{byGrant}", "a-1", 48.20m) { ByGrant = byGrant }, Decider.Rejects),
            }).ToList();
            var ledger = Path.Combine(folder.FullName, $"ledger{off}");
            await File.WriteAllTextAsync(ledger, "");
            await using var agent = AgentProcess.Start(new AgentOrders
            {
                Endpoint = console.Address, Key = ConsoleProcess.AgentKey, Agent = "desk", Ledger = ledger, Payments = payments.Address, ClockOffSeconds = off, Errands = [.. errands.Select(e => e.Errand)],
            });
            await Task.WhenAll(errands.Select(e => book.DecideAsync(e, agent)));
            await agent.EndedAsync();
            foreach (var line in errands)
            {
                var deeds = line.Errand.ByGrant ? payments.PaidFor(line.Errand.Session) : File.ReadLines(ledger).Count(l => l == line.Errand.Session);
                Assert.Equal(line.By == Decider.Rejects ? ("rejected", "none", 0) : (line.By == Decider.Approves ? "approved" : "allowed", "succeeded", 1), ((await book.ReadAsync(line.Errand))!.Value.Status, (await book.ReadAsync(line.Errand))!.Value.Execution, deeds));
                done += deeds;
            }
        }

        Figures.Say("Row 11, agent's clock off", provider, $"ten minutes slow and fast, and set while it works: {done} actions done once each, 4 that a person rejected not done", await Suite.DiskOfAsync(console));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Row_11_an_agent_that_is_suspended_past_the_age_of_its_policy_decides_nothing_by_it_without_the_console()
    {
        foreach (var suspended in new[] { false, true })
        {
            await using var console = await ConsoleProcess.StartAsync();
            using (var admin = console.AsAdministrator())
            {
                (await admin.SendAsync(HttpMethod.Put, "/api/v1/fleet/policy", new
                {
                    autonomy = "bounded",
                    limits = new object[] { new { type = "expense.approve", max_amount = 25, currency = "USD" } },
                    offline = new { mode = "policy", max_age_seconds = suspended ? 4 : 600 },
                }, ifMatch: "*")).Expect(200);
            }

            var folder = Directory.CreateTempSubdirectory("handrail-agent-");
            var orders = new AgentOrders
            {
                Endpoint = console.Address, Key = ConsoleProcess.AgentKey, Agent = "desk", Ledger = Path.Combine(folder.FullName, "ledger"), OfflineAfterSeconds = 1, Errands = [new Errand("z-offline", "a-1", 12.50m) { Offline = true }],
            };
            await File.WriteAllTextAsync(orders.Ledger, "");
            await using var agent = AgentProcess.Start(orders);
            await agent.AllHaltedAsync(1);
            await console.KillAsync();
            if (suspended)
            {
                await agent.SuspendAsync();
                await Task.Delay(TimeSpan.FromSeconds(Suite.Of(5, 600)));
                await agent.ContinueAsync();
            }

            await agent.ReleaseAsync();
            if (!suspended)
            {
                // Within its age the policy lets it go: the control that the agent decides by it at all.
                await Eventually.HoldsAsync("the policy lets it go", async () => (await File.ReadAllTextAsync(orders.Ledger)).Length > 0);
            }

            // Back again, the console is asked; nothing was done before.
            await console.StartAgainAsync();
            await agent.EndedAsync();
            using var asks = console.AsAgent();
            Assert.Equal(suspended ? 200 : 404, (await asks.ReadAsync("/api/v1/sessions/z-offline/actions/a-1")).Status);
            Assert.Equal("z-offline\n", await File.ReadAllTextAsync(orders.Ledger));
            folder.Delete(recursive: true);
        }
    }
}
