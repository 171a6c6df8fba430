using CsCheck;
using Xunit;

namespace Handrail.Costs;

/// <summary>Cost per outcome, where each session counts once, whoever says that they started whom.</summary>
public sealed class UnitCostsTests
{
    private static readonly Gen<List<EndedSession>> AnySessions = Gen.Select(
            Gen.Int[-1, 12], Gen.Int[0, 2], Gen.Bool, Gen.OneOfConst(null, null, "article", "deal"), Gen.Int[1, 3], Gen.Int[0, 1_000],
            (parent, agent, ended, unit, count, cents) => (parent, agent, ended, unit, count, cents))
        .List[0, 12].Select(list => list.ConvertAll(s => s).Select((s, i) => new EndedSession(
            $"s-{i}", s.parent < 0 ? null : $"s-{s.parent}", $"agent-{s.agent}", s.ended, s.ended ? s.unit : null, s.ended && s.unit is not null ? s.count : 0, null, null, s.cents / 100m, 1)).ToList());

    [Fact]
    public void A_session_s_money_is_counted_once_whatever_started_what_circles_too() => AnySessions.Sample(sessions =>
    {
        var lines = UnitCosts.Of(sessions);

        Assert.True(lines.Sum(l => l.CostUsd) <= sessions.Sum(s => s.CostUsd));
        Assert.True(lines.Sum(l => l.CostUsd) >= sessions.Where(s => s.Ended).Sum(s => s.CostUsd));
        Assert.Equal(sessions.Sum(s => s.Count), lines.Sum(l => l.Count));
        Assert.Equal(lines.Count, lines.Select(l => (l.Agent, l.Unit)).Distinct().Count());
        Assert.All(lines.Where(l => l.Count > 0), l => Assert.Equal(l.CostUsd, l.PerUnit!.Value * l.Count, 9));
    });

    [Fact]
    public void What_a_session_started_costs_with_its_outcome_and_what_came_to_nothing_is_told_apart()
    {
        var lines = UnitCosts.Of(
        [
            new("writing", null, "writer", true, "article", 2, 300m, "USD", 4m, 0),
            new("looking-up", "writing", "researcher", true, null, 0, null, null, 1m, 0),
            new("deeper", "looking-up", "researcher", false, null, 0, null, null, 0.5m, 0),
            new("own-work", "writing", "researcher", true, "answer", 1, null, null, 2m, 0),
            new("failed", null, "writer", true, null, 0, null, null, 1.5m, 3),
            new("goes-on", null, "writer", false, null, 0, null, null, 9m, 0),
        ]);

        Assert.Equal(
            [("writer", "article", 1, 2m, 5.5m, 2.75m, (decimal?)3.5m), ("writer", null, 1, 0m, 1.5m, null, null), ("researcher", "answer", 1, 1m, 2m, 2m, 2m)],
            lines.Select(l => (l.Agent, l.Unit, l.Sessions, l.Count, l.CostUsd, l.PerUnit, l.PerUnitWithRest)));
        Assert.Equal([("USD", 300m)], lines[0].Values);
        Assert.Equal(3, lines[1].Unpriced);
    }
}
