namespace Handrail.Telemetry;

/// <summary>The tree of a trace, made of whatever came: the same tree for the same steps in any order.</summary>
internal static class TraceTree
{
    private const int Root = -1;

    /// <summary>The index of each step's parent, or -1 where it has none, it is not known, or it goes in a circle.</summary>
    public static int[] Parents(IReadOnlyList<StepNode> nodes)
    {
        var bySpan = new Dictionary<string, int>(nodes.Count, StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            if (!bySpan.TryGetValue(nodes[i].SpanId, out int other) || Compare(nodes[i], nodes[other]) < 0)
                bySpan[nodes[i].SpanId] = i;
        }

        var parents = new int[nodes.Count];
        for (int i = 0; i < parents.Length; i++)
            parents[i] = nodes[i].ParentSpanId is { } parent && bySpan.TryGetValue(parent, out int at) && at != i ? at : Root;
        CutCircles(parents);
        return parents;
    }

    /// <summary>All steps, each after its parent.</summary>
    public static int[] Downwards(int[] parents)
    {
        var order = new int[parents.Length];
        var placed = new bool[parents.Length];
        var path = new Stack<int>();
        int next = 0;
        for (int i = 0; i < parents.Length; i++)
        {
            for (int at = i; at != Root && !placed[at]; at = parents[at])
            {
                placed[at] = true;
                path.Push(at);
            }

            while (path.TryPop(out int at))
                order[next++] = at;
        }

        return order;
    }

    /// <summary>Earlier first; the span id decides between steps of the same moment.</summary>
    public static int Compare(StepNode left, StepNode right)
    {
        int byTime = left.StartedAt.CompareTo(right.StartedAt);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.SpanId, right.SpanId);
    }

    /// <summary>Every step that is its own ancestor becomes a root: which ones these are does not hang on the order.</summary>
    private static void CutCircles(int[] parents)
    {
        var walk = new int[parents.Length];
        for (int i = 0; i < parents.Length; i++)
        {
            int mark = i + 1;
            int at = i;
            for (; at != Root && walk[at] == 0; at = parents[at])
                walk[at] = mark;
            if (at == Root || walk[at] != mark)
                continue;
            int circle = at;
            do
            {
                int parent = parents[circle];
                parents[circle] = Root;
                circle = parent;
            }
            while (circle != at);
        }
    }
}
