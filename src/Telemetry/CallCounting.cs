namespace Handrail.Telemetry;

/// <summary>
/// Which steps' tokens and cost are added up. Agents and orchestrators repeat the sums of the calls under them, and one
/// call may be told of by two steps (an SDK's span over its server's, an application's over its proxy's).
/// </summary>
internal static class CallCounting
{
    /// <param name="stand">For each step the one that stands for its call (<see cref="Tellings.Stand"/>).</param>
    public static (bool[] Counts, bool[] CountsCost) Count(IReadOnlyList<StepNode> nodes, int[] parents, int[] downwards, int[] stand)
    {
        bool[] usageBelow = Below(parents, downwards, i => stand[i] == i && nodes[i].HasUsage);
        bool[] costBelow = Below(parents, downwards, i => stand[i] == i && nodes[i].HasReportedCost);
        bool[] callBelow = Below(parents, downwards, i => stand[i] == i && nodes[i].Kind == StepKind.Llm);

        // Top down: whether a model call above stands for this one.
        var counts = new bool[parents.Length];
        var countsCost = new bool[parents.Length];
        var countedAbove = new bool[parents.Length];
        var pricedAbove = new bool[parents.Length];
        foreach (int i in downwards)
        {
            StepNode node = nodes[i];
            int parent = parents[i];
            if (stand[i] != i)
            {
                (countedAbove[i], pricedAbove[i]) = parent < 0 ? (false, false) : (countedAbove[parent], pricedAbove[parent]);
                continue;
            }

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

        TakeReportedCosts(nodes, stand, countsCost);
        return (counts, countsCost);
    }

    /// <summary>A cost that only the other telling of a counted call reports is taken instead of one that would be computed.</summary>
    private static void TakeReportedCosts(IReadOnlyList<StepNode> nodes, int[] stand, bool[] countsCost)
    {
        for (int i = 0; i < stand.Length; i++)
        {
            int counted = stand[i];
            if (counted >= 0 && counted != i && nodes[i].HasReportedCost && !nodes[counted].HasReportedCost && countsCost[counted])
                (countsCost[i], countsCost[counted]) = (true, false);
        }
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
    public static bool IsSameTool(StepNode node, StepNode? parent) =>
        node.Kind == StepKind.Tool && parent is { Kind: StepKind.Tool } && (node.ToolName is null || node.ToolName == parent.Value.ToolName);
}
