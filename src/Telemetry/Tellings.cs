namespace Handrail.Telemetry;

/// <summary>
/// Which steps of a trace tell of a call that another step of it tells of too: a log event of a span's call, found by the call's id or by
/// standing under the call's span.
/// </summary>
internal static class Tellings
{
    /// <summary>For each step the one that stands for it: itself, the span of the same call, or -1 for one that never counts.</summary>
    public static int[] Stand(IReadOnlyList<StepNode> nodes, int[] parents)
    {
        var stand = new int[nodes.Count];
        Dictionary<(StepKind, string), int>? spans = null;
        for (int i = 0; i < stand.Length; i++)
        {
            StepNode node = nodes[i];
            stand[i] = node.Telling == Telling.Repeated ? -1 : i;
            if (node is { Telling: Telling.Span, CallId: { } id })
                (spans ??= []).TryAdd((node.Kind, id), i);
        }

        for (int i = 0; i < stand.Length; i++)
        {
            StepNode node = nodes[i];
            if (node.Telling != Telling.Log)
                continue;
            if (node.CallId is { } id && spans is not null && spans.TryGetValue((node.Kind, id), out int span))
                stand[i] = span;
            else if (node.Kind == StepKind.Llm && parents[i] >= 0 && nodes[parents[i]] is { Kind: StepKind.Llm, Telling: Telling.Span })
                stand[i] = parents[i];
        }

        return stand;
    }

    /// <summary>
    /// Whether each step failed: by its own word, by that of another telling of its call, or by a step under it that is the same tool's, as
    /// an MCP client's and server's spans are, or that alone tells of a tool's failure in its dialect.
    /// </summary>
    public static bool[] Failed(IReadOnlyList<StepNode> nodes, int[] parents, int[] stand)
    {
        var failed = new bool[nodes.Count];
        for (int i = 0; i < failed.Length; i++)
        {
            if (!nodes[i].Failed)
                continue;
            failed[i] = true;
            if (stand[i] >= 0)
                failed[stand[i]] = true;
            if (nodes[i].Kind == StepKind.Other && nodes[i].Dialect == Dialect.ClaudeCode.Name && parents[i] >= 0 && nodes[parents[i]].Kind == StepKind.Tool)
                failed[parents[i]] = true;
            for (int at = i; parents[at] >= 0 && !failed[parents[at]] && CallCounting.IsSameTool(nodes[at], nodes[parents[at]]); at = parents[at])
                failed[parents[at]] = true;
        }

        return failed;
    }
}
