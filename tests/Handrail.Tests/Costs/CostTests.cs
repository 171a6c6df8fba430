using Handrail.Ingest;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Costs;

public sealed class CostTests
{
    [Theory, Databases]
    public async Task A_cost_opens_its_session_and_counts_once(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var cost = new ReportedCost(0, "c-1", "s-1", "tool", 1.25m, "USD") { Agent = "desk", Name = "search", InputTokens = 7, At = Spans.Noon };

        var first = await RecordAsync(intake, cost, cost with { Index = 1 }, cost with { Index = 2, Id = "c-2" });
        var again = await RecordAsync(intake, cost);

        Assert.Equal((2, 1, 0), (first.Accepted, first.Duplicates, first.Rejected.Count));
        Assert.Equal((0, 1), (again.Accepted, again.Duplicates));
        var session = await intake.SessionAsync("s-1");
        Assert.Equal(("desk", 2.5m, 14), (session.Agent, session.CostUsd, session.InputTokens));
        var hour = Assert.Single(await intake.HoursAsync());
        Assert.Equal(("desk", HourlyCost.Tool, "search", 2_500_000_000L), (hour.Agent, hour.Kind, hour.Source, hour.CostNanos));
    }

    [Theory, Databases]
    public async Task Another_currency_is_kept_and_said_to_be_missing_from_the_sum(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);

        await RecordAsync(intake, new ReportedCost(0, "c-1", "s-1", "human", 30m, "EUR") { Agent = "desk" });

        var session = await intake.SessionAsync("s-1");
        Assert.Equal((0m, 1), (session.CostUsd, session.UnpricedCalls));
        Assert.Equal((30m, "EUR"), await intake.ReadAsync(db => db.CostEvents.Select(c => new ValueTuple<decimal, string>(c.Amount, c.Currency)).SingleAsync()));
    }

    [Theory, Databases]
    public async Task A_wrong_event_is_rejected_alone_by_its_place(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await RecordAsync(intake, new ReportedCost(0, "c-0", "s-0", "tool", 1m, "USD") { Agent = "desk" });

        var receipt = await intake.Get<RecordCosts>().HandleAsync(
            Intake.Team("others"),
            [
                new ReportedCost(0, "c-1", "s-0", "tool", 1m, "USD") { Agent = "thief" },
                new ReportedCost(1, "c-2", "s-2", "tool", 1m, "USD") { Agent = "desk" },
                new ReportedCost(2, "c-3", "s-3", "tool", 1m, "USD"),
                new ReportedCost(3, "c-4", "s-4", "tool", 1m, "USD") { Agent = "clerk", At = Spans.Noon.AddDays(3) },
                new ReportedCost(4, "c-0", "s-4", "tool", 1m, "USD") { Agent = "clerk" },
            ],
            CancellationToken.None);

        Assert.Equal([0, 1, 2, 3], receipt.Rejected.Select(r => r.Index));
        Assert.Equal((1, 0), (receipt.Accepted, receipt.Duplicates));
        Assert.Equal(1m, (await intake.SessionAsync("s-0")).CostUsd);
    }

    private static Task<CostReceipt> RecordAsync(Intake intake, params ReportedCost[] costs) => intake.Get<RecordCosts>().HandleAsync(Intake.Team(), costs, CancellationToken.None);
}
