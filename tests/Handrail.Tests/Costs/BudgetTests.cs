using Handrail.Access;
using Handrail.Ingest;
using Handrail.Notify;
using Handrail.Policies;
using Handrail.Store;
using Handrail.Testing;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Handrail.Costs;

/// <summary>Budgets: who sets them, how they stand, and that people hear of them once.</summary>
public sealed class BudgetTests
{
    [Theory, Databases]
    public async Task Who_publishes_policies_sets_a_budget_with_a_reason_and_it_is_on_record(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1", AgentName = "desk" });
        var budgets = Budgets(intake);
        var owner = Intake.Person with { Roles = new HashSet<string> { Permissions.Owner } };

        await budgets.SetAsync(owner, null, SpendPeriod.Month, 100, "the year's plan", CancellationToken.None);
        await budgets.SetAsync(owner, "desk", SpendPeriod.Day, 5, "it is new", CancellationToken.None);
        await budgets.SetAsync(owner, null, SpendPeriod.Month, 120.50m, "more customers", CancellationToken.None);
        await budgets.SetAsync(owner, "desk", SpendPeriod.Day, null, "known by now", CancellationToken.None);

        var only = Assert.Single(await budgets.ListAsync(Intake.Person, CancellationToken.None));
        Assert.Equal(new SpendBudget(null, SpendPeriod.Month, 120.50m), only.Budget);
        var records = await intake.ReadAsync(db => db.AuditRecords.Where(r => r.Act.StartsWith("budget.")).OrderBy(r => r.Seq).ToListAsync());
        Assert.Equal(
            [("budget.set", "budget:fleet:month", "the year's plan"), ("budget.set", "budget:agent:desk:day", "it is new"), ("budget.set", "budget:fleet:month", "more customers"), ("budget.remove", "budget:agent:desk:day", "known by now")],
            records.Select(r => (r.Act, r.Target, r.Reason!)));
        Assert.Equal(("{\"usd\":100}", "{\"usd\":120.50}"), (records[2].BeforeJson!, records[2].AfterJson!));
    }

    [Theory, Databases]
    public async Task Whoever_may_not_is_refused_and_so_is_what_is_no_budget(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var budgets = Budgets(intake);
        foreach (var caller in new[] { Intake.Team(), As(Permissions.Reviewer), As(Permissions.OnCall), As(Permissions.Viewer), As() })
        {
            await RefusedAsync(RefusalKind.NotAllowed, () => budgets.SetAsync(caller, null, SpendPeriod.Day, 1, "because", CancellationToken.None));
        }

        foreach (var caller in new[] { Intake.Team(), As() })
        {
            await RefusedAsync(RefusalKind.NotAllowed, () => budgets.ListAsync(caller, CancellationToken.None));
        }

        await RefusedAsync(RefusalKind.Invalid, () => budgets.SetAsync(Intake.Person, null, SpendPeriod.Day, 0, "because", CancellationToken.None));
        await RefusedAsync(RefusalKind.Invalid, () => budgets.SetAsync(Intake.Person, null, SpendPeriod.Day, SpendBudgets.Most + 1, "because", CancellationToken.None));
        await RefusedAsync(RefusalKind.Invalid, () => budgets.SetAsync(Intake.Person, null, SpendPeriod.Day, 1, " ", CancellationToken.None));
        await RefusedAsync(RefusalKind.NotFound, () => budgets.SetAsync(Intake.Person, "nobody", SpendPeriod.Day, 1, "because", CancellationToken.None));
        Assert.Empty(await budgets.ListAsync(Intake.Person, CancellationToken.None));
        Assert.False(await intake.ReadAsync(db => db.AuditRecords.AnyAsync(r => r.Act.StartsWith("budget."))));
    }

    [Theory, Databases]
    public async Task A_budget_is_told_of_at_each_mark_once_in_a_period_over_all_processes_and_again_in_the_next(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await using var other = await intake.BesideAsync();
        await SpendAsync(intake, "desk", 3.99m);
        await Budgets(intake).SetAsync(Intake.Person, "desk", SpendPeriod.Day, 5, "small", CancellationToken.None);
        await Budgets(intake).SetAsync(Intake.Person, null, SpendPeriod.Month, 6, "small", CancellationToken.None);

        await TellAsync(intake, other);
        Assert.Empty(await ToldAsync(intake));

        await SpendAsync(intake, "desk", 0.01m);
        await TellAsync(intake, other);
        Assert.Equal(["desk nearly_spent Warning daily budget: 4.00 of 5.00 USD (80 %) on 2026-11-02"], await ToldAsync(intake));

        await SpendAsync(intake, "clerk", 7m);
        await TellAsync(intake, other);
        Assert.Equal("fleet spent Error monthly budget: 11.00 of 6.00 USD (183 %) in November 2026", (await ToldAsync(intake))[^1]);
        Assert.Equal(2, (await ToldAsync(intake)).Count);

        await SpendAsync(intake, "desk", 1.5m);
        await TellAsync(intake, other);
        Assert.Equal(3, (await ToldAsync(intake)).Count);
        Assert.StartsWith("desk spent Error daily budget: 5.50 of 5.00 USD (110 %)", (await ToldAsync(intake))[^1], StringComparison.Ordinal);

        await Budgets(intake).SetAsync(Intake.Person, "desk", SpendPeriod.Day, 6, "a little more", CancellationToken.None);
        await TellAsync(intake, other);
        Assert.StartsWith("desk nearly_spent Warning daily budget: 5.50 of 6.00 USD (91 %)", (await ToldAsync(intake))[^1], StringComparison.Ordinal);

        intake.Time.Advance(TimeSpan.FromDays(1));
        await SpendAsync(intake, "desk", 6m);
        await TellAsync(intake, other);
        Assert.Equal(5, (await ToldAsync(intake)).Count);
        Assert.EndsWith("6.00 of 6.00 USD (100 %) on 2026-11-03", (await ToldAsync(intake))[^1], StringComparison.Ordinal);
    }

    [Theory, Databases]
    public async Task What_is_spent_and_left_goes_by_the_days_of_the_fleet_s_policy(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        await SpendAsync(intake, "desk", 2m, Spans.Noon.AddHours(-12.5));
        await SpendAsync(intake, "desk", 3m, Spans.Noon);
        await SpendAsync(intake, "clerk", 4m, Spans.Noon.AddDays(-2));
        await Budgets(intake).SetAsync(Intake.Person, "desk", SpendPeriod.Day, 10, "small", CancellationToken.None);
        await Budgets(intake).SetAsync(Intake.Person, null, SpendPeriod.Month, 20, "small", CancellationToken.None);

        var utc = await Budgets(intake).ListAsync(Intake.Person, CancellationToken.None);
        await intake.Get<PublishPolicy>().HandleAsync(Intake.Person, "fleet", JsonText.Element("{\"time_zone\":\"Europe/Berlin\"}")!.Value, null, "where we are", CancellationToken.None);
        var berlin = await Budgets(intake).ListAsync(Intake.Person, CancellationToken.None);

        Assert.Equal([(null, 5m, 15m), ("desk", 3m, 7m)], utc.Select(b => (b.Budget.Agent, b.Spent, b.Left)));
        Assert.Equal([(null, 5m, 15m), ("desk", 5m, 5m)], berlin.Select(b => (b.Budget.Agent, b.Spent, b.Left)));
        Assert.All(utc, b => Assert.Null(b.Forecast));
    }

    private static SpendBudgets Budgets(Intake intake) => new(intake.Store, intake.Get<PolicySnapshots>(), intake.Time);

    private static Caller As(params string[] roles) => Intake.Person with { Roles = roles.ToHashSet() };

    private static async Task RefusedAsync(RefusalKind kind, Func<Task> deed) => Assert.Equal(kind, (await Assert.ThrowsAsync<Refusal>(deed)).Kind);

    private static Task TellAsync(Intake intake, Intake other) => Task.WhenAll(new[] { intake, other, intake, other }.Select(i => Budgets(i).TellAsync(CancellationToken.None)));

    private static Task<List<string>> ToldAsync(Intake intake) => intake.ReadAsync(async db =>
        (await db.Notices.Where(n => n.Kind == NoticeKind.BudgetReached).OrderBy(n => n.Id).ToListAsync()).ConvertAll(n => $"{n.Agent ?? "fleet"} {n.Outcome} {n.Severity} {n.Subject}: {n.Figure}"));

    private static async Task SpendAsync(Intake intake, string agent, decimal usd, DateTimeOffset? at = null) => Assert.Equal(1, (await intake.Get<RecordCosts>().HandleAsync(
        Intake.Team(), [new ReportedCost(0, Guid.NewGuid().ToString("n"), $"s-{agent}", "other", usd, "USD") { Agent = agent, At = at }], CancellationToken.None)).Accepted);
}
