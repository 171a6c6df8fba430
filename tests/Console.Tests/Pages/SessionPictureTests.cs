using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Telemetry;
using Xunit;

namespace Handrail.Pages;

/// <summary>Curves, the agents' graph and the tokens' origins, from the steps alone.</summary>
public sealed class SessionPictureTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_Costs_GrowInStepsUpToTheTotal()
    {
        var curves = SessionCurves.Of([Call(0, 10, 1_000_000_000, 100), Call(10, 20, 3_000_000_000, 400)], [(Start.AddSeconds(5), 1_000_000_000)], [], 5_000_000_000)!;

        Assert.Equal((5m, 5.5m), (curves.Cost.Last, curves.Cost.Top));
        Assert.Equal("M0 100H250V81.8H500V63.6H1000V9.1H1000V9.1H1000", curves.Cost.Path);
        Assert.Equal(400, curves.Context.Last);
    }

    [Fact]
    public void Of_CostOfStepsThatAreNotShown_LiesBeforeTheFirst() =>
        Assert.StartsWith("M0 18.2", SessionCurves.Of([Call(0, 10, 1_000_000_000, 1)], [], [], 10_000_000_000)!.Cost.Path, StringComparison.Ordinal);

    [Fact]
    public void Of_BreakerWithinReach_IsALine_AndOneFarAboveIsOnlyNamed()
    {
        SessionStep[] steps = [Call(0, 10, 2_000_000_000, 100)];

        var near = SessionCurves.Of(steps, [], [Breaker(4)], 2_000_000_000)!.Cost;
        var far = SessionCurves.Of(steps, [], [Breaker(100)], 2_000_000_000)!.Cost;

        Assert.Equal(9.09, near.LimitY!.Value, 2);
        Assert.Equal((null, 100m), (far.LimitY, far.Limit!.Threshold));
    }

    [Fact]
    public void Of_ContextThatShrinksToLessThanHalf_IsMarked() =>
        Assert.Equal([500d], SessionCurves.Of([Call(0, 1, 0, 1_000), Call(5, 6, 0, 400), Call(9, 10, 0, 390)], [], [], 0)!.Compactions);

    [Fact]
    public void Of_ThousandsOfCalls_StayADrawableLine()
    {
        var steps = Enumerable.Range(0, 5_000).Select(i => Call(i, i + 1, 1, i)).ToList();

        var curves = SessionCurves.Of(steps, [], [], 5_000)!;

        Assert.InRange(curves.Context.Path.Count(c => c == 'V'), 300, 700);
        Assert.Equal(4_999, curves.Context.Last);
    }

    [Fact]
    public void Of_HandoffsAndCallsBetweenAgents_AreEdges()
    {
        var graph = AgentGraph.Of(
        [
            Step("a", StepKind.Agent, "triage"), Step("b", StepKind.Handoff, "triage", parent: "a") with { HandoffTarget = "Refund_Agent" },
            Step("c", StepKind.Agent, "Refund agent"), Step("d", StepKind.Llm, "search", parent: "c"), Step("e", StepKind.Llm, "search", parent: "c"),
        ]);

        Assert.Equal([("triage", 0), ("Refund agent", 1), ("search", 2)], graph.Agents.Select(a => (a.Name, a.Column)));
        Assert.Equal([("triage", "Refund agent", 1, true), ("Refund agent", "search", 2, false)], graph.Edges.Select(e => (e.From.Name, e.To.Name, e.Times, e.Hands)));
    }

    [Fact]
    public void Of_TwoAgentsThatHandBackAndForth_AreTwoEdges()
    {
        var graph = AgentGraph.Of(
        [
            Step("a", StepKind.Handoff, "one") with { HandoffTarget = "two" }, Step("b", StepKind.Handoff, "two") with { HandoffTarget = "one" },
            Step("c", StepKind.Handoff, "one") with { HandoffTarget = "two" },
        ]);

        Assert.Equal([("one", 2), ("two", 1)], graph.Edges.Select(e => (e.From.Name, e.Times)));
        Assert.Equal((2, 1), (graph.Columns, graph.Rows));
    }

    [Fact]
    public void Of_MoreAgentsThanAPictureHolds_DrawsTheBusiestAndCountsTheRest()
    {
        var graph = AgentGraph.Of([.. Enumerable.Range(0, 20).SelectMany(i => Enumerable.Range(0, i + 1).Select(j => Step($"{i}-{j}", StepKind.Llm, $"agent {i}")))]);

        Assert.Equal((AgentGraph.MostAgents, 8), (graph.Agents.Count, graph.More));
        Assert.Contains(graph.Agents, a => a.Name == "agent 19");
    }

    [Fact]
    public void Of_Origins_ShareOutEachCallsTokensByTheLengthOfItsTexts()
    {
        var told = Call(0, 1, 0, 1_000) with { Origins = new TokenOrigins(300, 100, 50, 0, 50, 0), ReasoningTokens = 7 };

        var origins = ContextOrigins.Of([told, told with { Origins = new TokenOrigins(0, 0, 10, 0, 0, 0), InputTokens = 100 }, Call(2, 3, 0, 9_999)]);

        Assert.Equal((2, 1, 14), (origins.Calls, origins.Untold, origins.ReasoningOut));
        Assert.Equal([("system", 600), ("tools", 200), ("user", 200), ("output", 100)], origins.Shares.Select(s => (s.Class, s.Tokens)));
        Assert.Equal(1, origins.Shares.Sum(s => s.Share), 6);
    }

    private static Breaker Breaker(decimal at) => new("cost", BreakerScope.Session, BreakerMetric.CostUsd, at, BreakerOutcome.Pause);

    private static SessionStep Call(double from, double to, long cost, long tokens) => Step($"{from}", StepKind.Llm, "desk") with
    {
        StartedAt = Start.AddSeconds(from),
        EndedAt = Start.AddSeconds(to),
        CostNanos = cost,
        InputTokens = tokens,
        Counts = true,
    };

    private static SessionStep Step(string span, StepKind kind, string agent, string? parent = null) => new()
    {
        TraceId = "t", SpanId = span, ParentSpanId = parent, Kind = kind, Name = span, Agent = agent, StartedAt = Start, EndedAt = Start.AddSeconds(1),
    };
}
