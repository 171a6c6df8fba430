namespace Handrail.Telemetry;

/// <summary>
/// Which steps' tokens and cost are added up. Agents and orchestrators repeat the sums of the calls under them, and one
/// call may be told of by two steps (an SDK's span over its server's, an application's over its proxy's).
/// </summary>
internal static class CallCounting
{
    public static (bool[] Counts, bool[] CountsCost) Count(IReadOnlyList<StepNode> nodes, int[] parents, int[] downwards)
    {
        bool[] usageBelow = Below(parents, downwards, i => nodes[i].HasUsage);
        bool[] costBelow = Below(parents, downwards, i => nodes[i].HasReportedCost);
        bool[] callBelow = Below(parents, downwards, i => nodes[i].Kind == StepKind.Llm);

        // Top down: whether a model call above stands for this one.
        var counts = new bool[parents.Length];
        var countsCost = new bool[parents.Length];
        var countedAbove = new bool[parents.Length];
        var pricedAbove = new bool[parents.Length];
        foreach (int i in downwards)
        {
            StepNode node = nodes[i];
            int parent = parents[i];
            bool isCall = node.Kind == StepKind.Llm;
            bool counted = parent >= 0 && countedAbove[parent];
            bool priced = parent >= 0 && pricedAbove[parent];

            counts[i] = node.HasUsage ? !usageBelow[i]
                : isCall ? !callBelow[i] && !counted
                : node.Kind == StepKind.Tool && !IsSameTool(node, parent < 0 ? null : nodes[parent]);
            countsCost[i] = node.HasReportedCost
                ? !costBelow[i] && (isCall || !usageBelow[i])
                : counts[i] && !costBelow[i] && !(isCall && priced);

            countedAbove[i] = counted || (isCall && counts[i]);
            pricedAbove[i] = priced || (isCall && node.HasReportedCost && countsCost[i]);
        }

        return (counts, countsCost);
    }

    /// <summary>Whether any descendant, however deep, is such a step.</summary>
    private static bool[] Below(int[] parents, int[] downwards, Func<int, bool> isSuch)
    {
        var below = new bool[parents.Length];
        for (int k = downwards.Length - 1; k >= 0; k--)
        {
            int i = downwards[k];
            if (parents[i] >= 0 && (below[i] || isSuch(i)))
                below[parents[i]] = true;
        }

        return below;
    }

    /// <summary>An MCP client's span under the span of the tool that it calls is the same call.</summary>
    private static bool IsSameTool(StepNode node, StepNode? parent) =>
        parent is { Kind: StepKind.Tool } && (node.ToolName is null || node.ToolName == parent.Value.ToolName);
}
