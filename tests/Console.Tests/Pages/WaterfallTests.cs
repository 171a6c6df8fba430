using Handrail.Sessions;
using Handrail.Telemetry;
using Xunit;

namespace Handrail.Pages;

public sealed class WaterfallTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_Steps_AreLaidOutOnTheirTurnsOwnScale()
    {
        var rows = Waterfall.Of([Step("t1", "a", 0, 10), Step("t1", "b", 5, 7.5), Step("t2", "c", 7_200, 7_201)], turns: 2);

        Assert.Equal(["t1", "t1.a", "t1.b", "t2", "t2.c"], rows.Select(r => r.Key));
        Assert.Equal([(0d, 100d), (50, 25), (0, 100)], rows.Where(r => r.Step is not null).Select(r => (r.Left, r.Width)));
    }

    [Fact]
    public void Of_NewestStepsOnly_NumbersTurnsFromTheSessionsOwnCount() =>
        Assert.Equal([8, 9], Turns([Step("t1", "a", 0, 1), Step("t2", "b", 2, 3)], turns: 9).Select(t => t.Number));

    [Fact]
    public void Of_StepsWithoutLength_StayVisibleAndInside()
    {
        var rows = Waterfall.Of([Step("t1", "a", 0, 100), Step("t1", "b", 100, 100), Step("t1", "c", 3, 3)], turns: 1);

        Assert.All(rows.Skip(1), r => Assert.True(r.Width > 0 && r.Left >= 0 && r.Left + r.Width <= 100.0001));
        Assert.Equal(100, Waterfall.Of([Step("t1", "a", 0, 0)], turns: 1)[1].Width);
    }

    [Fact]
    public void Of_ParentAndChildThatBeganTogether_HaveTheParentAbove() => Assert.Equal(
        ["parent", "child"],
        Waterfall.Of([Step("t1", "child", 0, 1) with { Depth = 1 }, Step("t1", "parent", 0, 2)], turns: 1).Skip(1).Select(r => r.Step!.SpanId));

    [Fact]
    public void Of_CostRepeatedByAParent_CountsOnce()
    {
        var turn = Turns([Step("t1", "a", 0, 2) with { CostNanos = 500, Counts = false }, Step("t1", "b", 0, 1) with { CostNanos = 500, Counts = true }], turns: 1)[0];

        Assert.Equal(500, turn.CostNanos);
        Assert.True(turn.CostKnown);
    }

    [Fact]
    public void Of_ModelCallWithoutAPrice_MakesTheTurnsCostALowerBound() =>
        Assert.False(Turns([Step("t1", "a", 0, 1) with { Kind = StepKind.Llm, Counts = true, CostNanos = null }], turns: 1)[0].CostKnown);

    private static List<WaterfallTurn> Turns(SessionStep[] steps, int turns) => [.. Waterfall.Of(steps, turns).Where(r => r.Step is null).Select(r => r.Turn)];

    private static SessionStep Step(string trace, string span, double from, double to) => new()
    {
        TraceId = trace,
        SpanId = span,
        Kind = StepKind.Tool,
        Name = span,
        StartedAt = Start.AddSeconds(from),
        EndedAt = Start.AddSeconds(to),
    };
}
