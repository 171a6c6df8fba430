using Handrail.Telemetry;

namespace Handrail.Traces;

/// <summary>What a whole trace says of each of its steps.</summary>
public sealed class TraceReadingTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static StepNode Node(string id, string? parent = null, StepKind kind = StepKind.Other, int second = 0) =>
        new(id, parent, kind, null, null, null, null, null, false, Start.AddSeconds(second));

    private static Dictionary<string, StepReading> Read(params StepNode[] nodes) =>
        nodes.Zip(TraceReading.Read(nodes)).ToDictionary(pair => pair.First.SpanId, pair => pair.Second);

    [Fact]
    public void No_steps_have_no_reading() => Assert.Empty(TraceReading.Read([]));

    [Fact]
    public void The_session_is_the_steps_own_then_the_nearest_ancestors()
    {
        Dictionary<string, StepReading> read = Read(
            Node("root") with { OwnSession = "outer" },
            Node("step", "root") with { OwnSession = "inner" },
            Node("call", "step"),
            Node("other", "root"));
        Assert.Equal("outer", read["root"].SessionId);
        Assert.Equal("inner", read["call"].SessionId);
        Assert.Equal("outer", read["other"].SessionId);
    }

    [Fact]
    public void A_session_named_only_below_is_the_whole_traces()
    {
        Dictionary<string, StepReading> read = Read(
            Node("root"),
            Node("late", "root", second: 2) with { OwnSession = "second" },
            Node("early", "root", second: 1) with { OwnSession = "first" },
            Node("orphan", "never-sent"));
        Assert.Equal("first", read["root"].SessionId);
        Assert.Equal("first", read["orphan"].SessionId);
        Assert.Equal("second", read["late"].SessionId);
    }

    [Fact]
    public void The_resources_session_counts_only_where_no_span_names_one()
    {
        Assert.Equal("res", Read(Node("a") with { ResourceSession = "res" }, Node("b", "a"))["b"].SessionId);
        Assert.Equal("own", Read(Node("a") with { ResourceSession = "res" }, Node("b", "a") with { OwnSession = "own" })["a"].SessionId);
        Assert.Null(Read(Node("a"), Node("b", "a"))["b"].SessionId);
    }

    [Fact]
    public void A_late_root_gives_its_session_to_calls_that_came_before()
    {
        StepNode call = Node("call", "root", StepKind.Llm) with { HasUsage = true };
        Assert.Null(Read(call)["call"].SessionId);
        Assert.Equal("s", Read(call, Node("root") with { OwnSession = "s" })["call"].SessionId);
    }

    [Fact]
    public void The_agent_is_the_nearest_then_any_of_the_trace_then_the_service()
    {
        Dictionary<string, StepReading> read = Read(
            Node("workflow", kind: StepKind.Agent) with { OwnAgent = "Support workflow" },
            Node("agent", "workflow", StepKind.Agent, second: 1) with { OwnAgent = "Refunds" },
            Node("call", "agent", StepKind.Llm),
            Node("orphan", "missing") with { ServiceName = "svc" });
        Assert.Equal("Refunds", read["call"].Agent);
        Assert.Equal("Support workflow", read["orphan"].Agent);
        Assert.Equal("svc", Read(Node("a") with { ServiceName = "svc" }, Node("b", "a"))["b"].Agent);
        Assert.Null(Read(Node("a"))["a"].Agent);
    }

    [Fact]
    public void The_person_is_found_like_the_session()
    {
        Dictionary<string, StepReading> read = Read(Node("root"), Node("a", "root") with { EndUser = "u-1" }, Node("b", "a"), Node("c", "root"));
        Assert.Equal(("u-1", "u-1", "u-1"), (read["root"].EndUser, read["b"].EndUser, read["c"].EndUser));
    }

    [Fact]
    public void Parents_that_repeat_the_sums_of_their_calls_do_not_count()
    {
        Dictionary<string, StepReading> read = Read(
            Node("agent", kind: StepKind.Agent) with { HasUsage = true },
            Node("orchestrate", "agent") with { HasUsage = true },
            Node("call-1", "orchestrate", StepKind.Llm) with { HasUsage = true },
            Node("call-2", "orchestrate", StepKind.Llm) with { HasUsage = true });
        Assert.False(read["agent"].Counts);
        Assert.False(read["orchestrate"].Counts);
        Assert.True(read["call-1"].Counts && read["call-2"].Counts);
        Assert.Equal(2, read.Values.Count(r => r.CountsCost));
    }

    [Fact]
    public void A_parent_with_usage_counts_when_nothing_below_has_any()
    {
        Dictionary<string, StepReading> read = Read(
            Node("agent", kind: StepKind.Agent) with { HasUsage = true },
            Node("call", "agent", StepKind.Llm),
            Node("tool", "agent", StepKind.Tool));
        Assert.True(read["agent"].Counts && read["agent"].CountsCost);
        Assert.True(read["call"].Counts);
        Assert.True(read["tool"].Counts);
    }

    [Fact]
    public void One_call_told_by_an_SDK_and_by_its_server_counts_once()
    {
        Dictionary<string, StepReading> both = Read(
            Node("sdk", kind: StepKind.Llm) with { HasUsage = true }, Node("server", "sdk", StepKind.Llm) with { HasUsage = true });
        Assert.False(both["sdk"].Counts);
        Assert.True(both["server"].Counts);

        Dictionary<string, StepReading> outer = Read(
            Node("sdk", kind: StepKind.Llm) with { HasUsage = true }, Node("server", "sdk", StepKind.Llm));
        Assert.True(outer["sdk"].Counts);
        Assert.False(outer["server"].Counts);

        Dictionary<string, StepReading> neither = Read(Node("sdk", kind: StepKind.Llm), Node("server", "sdk", StepKind.Llm));
        Assert.False(neither["sdk"].Counts);
        Assert.True(neither["server"].Counts);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_two_that_tell_of_one_call_the_reported_cost_is_taken(bool outerReports, bool innerReports)
    {
        Dictionary<string, StepReading> read = Read(
            Node("app", kind: StepKind.Llm) with { HasUsage = true, HasReportedCost = outerReports },
            Node("proxy", "app", StepKind.Llm) with { HasUsage = true, HasReportedCost = innerReports });
        Assert.Equal((false, true), (read["app"].Counts, read["proxy"].Counts));
        Assert.Equal((outerReports, innerReports), (read["app"].CountsCost, read["proxy"].CountsCost));
    }

    [Fact]
    public void A_proxy_that_reports_only_a_cost_adds_it_and_no_second_computed_one()
    {
        Dictionary<string, StepReading> read = Read(
            Node("app", kind: StepKind.Llm) with { HasUsage = true }, Node("proxy", "app", StepKind.Llm) with { HasReportedCost = true });
        Assert.Equal((true, false), (read["app"].Counts, read["app"].CountsCost));
        Assert.Equal((false, true), (read["proxy"].Counts, read["proxy"].CountsCost));
    }

    [Fact]
    public void A_sum_of_costs_on_an_agent_is_not_added_to_its_calls() =>
        Assert.False(Read(
            Node("agent", kind: StepKind.Agent) with { HasReportedCost = true },
            Node("call", "agent", StepKind.Llm) with { HasUsage = true, HasReportedCost = true })["agent"].CountsCost);

    [Fact]
    public void A_tools_call_over_MCP_is_one_call()
    {
        Dictionary<string, StepReading> read = Read(
            Node("tool", kind: StepKind.Tool) with { ToolName = "search" },
            Node("mcp", "tool", StepKind.Tool) with { ToolName = "search" },
            Node("other", "tool", StepKind.Tool) with { ToolName = "fetch" });
        Assert.Equal((true, false, true), (read["tool"].Counts, read["mcp"].Counts, read["other"].Counts));
    }

    [Fact]
    public void A_tool_has_failed_when_only_its_server_says_so()
    {
        StepNode tool = Node("a", null, StepKind.Tool) with { ToolName = "lookup" };
        StepNode client = Node("b", "a", StepKind.Tool) with { ToolName = "lookup" };
        StepNode server = Node("c", "b", StepKind.Tool) with { ToolName = "lookup", Failed = true };
        StepNode other = Node("d", "a", StepKind.Tool) with { ToolName = "audit", Failed = true };

        Assert.Equal([true, true, true], TraceReading.Read([tool, client, server]).Select(r => r.Failed));
        Assert.Equal([false, true], TraceReading.Read([tool, other]).Select(r => r.Failed));
    }

    [Fact]
    public void Circles_and_missing_parents_are_roots()
    {
        Dictionary<string, StepReading> read = Read(
            Node("a", "c") with { HasUsage = true }, Node("b", "a") with { OwnSession = "s" }, Node("c", "b"), Node("self", "self"),
            Node("below", "a", StepKind.Llm), Node("orphan", "gone"));
        Assert.All(read.Values, r => Assert.Equal("s", r.SessionId));
        Assert.True(read["a"].Counts);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_steps_is_read()
    {
        const int depth = 100_000;
        StepNode[] nodes = [.. Enumerable.Range(0, depth).Select(i => Node($"n{i}", i == 0 ? null : $"n{i - 1}", StepKind.Llm) with { HasUsage = true })];
        nodes[0] = nodes[0] with { OwnSession = "top" };
        StepReading[] readings = TraceReading.Read(nodes);
        Assert.Equal("top", readings[^1].SessionId);
        Assert.Equal(1, readings.Count(r => r.Counts));
    }
}
