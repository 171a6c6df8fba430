using Handrail.Ingest;
using Handrail.Store;
using Handrail.Testing;
using Xunit;

namespace Handrail.Sessions;

/// <summary>What climbs fastest is seen before anybody has set a breaker.</summary>
public sealed class ClimbTests
{
    [Theory, Databases]
    public async Task A_session_that_spends_fast_is_named_with_its_rate_and_a_slow_one_is_not(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var rates = new ClimbRates(intake.Store, intake.Time);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "fast" }, Spans.Call(1, trace: Spans.OtherTrace) with { SessionId = "slow" });
        await rates.LookAsync(default);
        Assert.Empty(await rates.FastestAsync(Intake.Person, 3, default));

        intake.Time.Advance(TimeSpan.FromMinutes(1));
        await intake.SendAsync([.. Enumerable.Range(10, 10).Select(i => Spans.Call(i) with { SessionId = "fast", ReportedCostUsd = 0.5m })]);
        await rates.LookAsync(default);

        var climb = Assert.Single(await rates.FastestAsync(Intake.Person, 3, default));
        Assert.Equal(("fast", 300m, 10d), (climb.SessionId, climb.UsdPerHour, climb.StepsPerMinute));
    }

    [Theory, Databases]
    public async Task A_session_that_is_over_or_has_calmed_down_climbs_no_more(DatabaseProvider provider)
    {
        await using var intake = await Intake.OpenAsync(provider);
        var rates = new ClimbRates(intake.Store, intake.Time);
        await intake.SendAsync(Spans.Call(0) with { SessionId = "s-1" });
        await rates.LookAsync(default);
        intake.Time.Advance(TimeSpan.FromMinutes(1));
        await intake.SendAsync(Spans.Call(1) with { SessionId = "s-1", ReportedCostUsd = 5m });
        await rates.LookAsync(default);
        Assert.Single(await rates.FastestAsync(Intake.Person, 3, default));

        await intake.Get<EndSession>().HandleAsync(Intake.Team(), "s-1", new SessionEnd("completed"), default);
        await rates.LookAsync(default);

        Assert.Empty(await rates.FastestAsync(Intake.Person, 3, default));
    }
}
