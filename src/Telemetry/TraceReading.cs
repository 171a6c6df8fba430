namespace Handrail.Telemetry;

/// <summary>
/// Reads a trace as a whole. The steps may come in any order and in part: parents that are missing or go in a circle are
/// taken as roots, and reading again with more steps gives what reading them all at once would have given.
/// </summary>
public static class TraceReading
{
    /// <summary>What the trace says of each of its steps, in the order given. Takes time linear in their number.</summary>
    /// <param name="nodes">All known steps of one trace; span ids are unique in it.</param>
    public static StepReading[] Read(IReadOnlyList<StepNode> nodes)
    {
        int[] parents = TraceTree.Parents(nodes);
        int[] downwards = TraceTree.Downwards(parents);
        string?[] sessions = Inherit(nodes, parents, downwards, static node => node.OwnSession);
        string?[] agents = Inherit(nodes, parents, downwards, static node => node.OwnAgent);
        string?[] users = Inherit(nodes, parents, downwards, static node => node.EndUser);
        string? anySession = First(nodes, static node => node.OwnSession);
        string? anyAgent = First(nodes, static node => node.OwnAgent);
        string? anyUser = First(nodes, static node => node.EndUser);
        string? resourceSession = First(nodes, static node => node.ResourceSession);
        string? service = First(nodes, static node => node.ServiceName);
        int[] stand = Tellings.Stand(nodes, parents);
        (bool[] counts, bool[] countsCost) = CallCounting.Count(nodes, parents, downwards, stand);
        bool[] failed = Tellings.Failed(nodes, parents, stand);

        var readings = new StepReading[nodes.Count];
        for (int i = 0; i < readings.Length; i++)
        {
            StepNode node = nodes[i];
            readings[i] = new StepReading(
                sessions[i] ?? anySession ?? Named(node.ResourceSession) ?? resourceSession,
                agents[i] ?? anyAgent ?? Named(node.ServiceName) ?? service,
                users[i] ?? anyUser,
                counts[i],
                countsCost[i],
                failed[i],
                stand[i] == i);
        }

        return readings;
    }

    /// <summary>Each step's own name, else its nearest ancestor's.</summary>
    private static string?[] Inherit(IReadOnlyList<StepNode> nodes, int[] parents, int[] downwards, Func<StepNode, string?> name)
    {
        var names = new string?[parents.Length];
        foreach (int i in downwards)
            names[i] = Named(name(nodes[i])) ?? (parents[i] < 0 ? null : names[parents[i]]);
        return names;
    }

    /// <summary>The name on the step that began first, whatever the order in which they came.</summary>
    private static string? First(IReadOnlyList<StepNode> nodes, Func<StepNode, string?> name)
    {
        int first = -1;
        for (int i = 0; i < nodes.Count; i++)
        {
            if (Named(name(nodes[i])) is not null && (first < 0 || TraceTree.Compare(nodes[i], nodes[first]) < 0))
                first = i;
        }

        return first < 0 ? null : name(nodes[first]);
    }

    private static string? Named(string? name) => string.IsNullOrWhiteSpace(name) ? null : name;
}
