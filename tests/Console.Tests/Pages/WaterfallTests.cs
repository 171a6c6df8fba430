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
        var turns = Waterfall.Of([Step("t1", "a", 0, 10), Step("t1", "b", 5, 7.5), Step("t2", "c", 7_200, 7_201)], turns: 2);

        Assert.Equal([0d, 50], turns[0].Lines.Select(l => l.Left));
        Assert.Equal([100d, 25], turns[0].Lines.Select(l => l.Width));
        Assert.Equal((0d, 100d), (turns[1].Lines[0].Left, turns[1].Lines[0].Width));
    }

    [Fact]
    public void Of_NewestStepsOnly_NumbersTurnsFromTheSessionsOwnCount() =>
        Assert.Equal([8, 9], Waterfall.Of([Step("t1", "a", 0, 1), Step("t2", "b", 2, 3)], turns: 9).Select(t => t.Number));

    [Fact]
    public void Of_StepsWithoutLength_StayVisibleAndInside()
    {
        var turn = Assert.Single(Waterfall.Of([Step("t1", "a", 0, 100), Step("t1", "b", 100, 100), Step("t1", "c", 3, 3)], turns: 1));

        Assert.All(turn.Lines, l => Assert.True(l.Width > 0 && l.Left >= 0 && l.Left + l.Width <= 100.0001));
        Assert.Equal(100, Assert.Single(Waterfall.Of([Step("t1", "a", 0, 0)], turns: 1)).Lines[0].Width);
    }

    [Fact]
    public void Of_ParentAndChildThatBeganTogether_HaveTheParentAbove() => Assert.Equal(
        ["parent", "child"],
        Waterfall.Of([Step("t1", "child", 0, 1) with { Depth = 1 }, Step("t1", "parent", 0, 2)], turns: 1)[0].Lines.Select(l => l.Step.SpanId));

    [Fact]
    public void Of_CostRepeatedByAParent_CountsOnce()
    {
        var turn = Waterfall.Of(
            [Step("t1", "a", 0, 2) with { CostNanos = 500, Counts = false }, Step("t1", "b", 0, 1) with { CostNanos = 500, Counts = true }], turns: 1)[0];

        Assert.Equal(500, turn.CostNanos);
        Assert.True(turn.CostKnown);
    }

    [Fact]
    public void Of_ModelCallWithoutAPrice_MakesTheTurnsCostALowerBound() =>
        Assert.False(Waterfall.Of([Step("t1", "a", 0, 1) with { Kind = StepKind.Llm, Counts = true, CostNanos = null }], turns: 1)[0].CostKnown);

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
