using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>An agent of a session, and where it stands in the drawing.</summary>
public sealed record GraphAgent(string Name, int Steps, int Column, int Row);

/// <summary>One agent handed over to another, or called it, so many times.</summary>
/// <param name="Hands">It handed over for good, by a handoff step; else the other worked within a step of its own.</param>
public sealed record GraphEdge(GraphAgent From, GraphAgent To, int Times, bool Hands);

/// <summary>Who worked in a session and who handed to whom: columns by how many hands away an agent is from the first.</summary>
public sealed record AgentGraph(IReadOnlyList<GraphAgent> Agents, IReadOnlyList<GraphEdge> Edges)
{
    /// <summary>More would not be a picture any more.</summary>
    public const int MostAgents = 12;

    public int Columns => Agents.Count == 0 ? 0 : Agents.Max(a => a.Column) + 1;

    public int Rows => Agents.Count == 0 ? 0 : Agents.Max(a => a.Row) + 1;

    /// <summary>Agents that are not drawn.</summary>
    public int More { get; init; }

    public static AgentGraph Of(IReadOnlyList<SessionStep> steps)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var byId = new Dictionary<(string, string), SessionStep>();
        foreach (var step in steps)
        {
            byId[(step.TraceId, step.SpanId)] = step;
            if (step.Agent is { } agent)
            {
                counts[agent] = counts.GetValueOrDefault(agent) + 1;
            }
        }

        var hands = new Dictionary<(string From, string To, bool Hands), int>();
        foreach (var step in steps)
        {
            if (step is { Kind: StepKind.Handoff, Agent: { } giver, HandoffTarget: { } target })
            {
                // A handoff names its target as a tool would: "Refund_Agent" for the agent "Refund agent".
                var taker = counts.Keys.FirstOrDefault(a => Same(a, target)) ?? target;
                counts.TryAdd(taker, 0);
                hands[(giver, taker, true)] = hands.GetValueOrDefault((giver, taker, true)) + 1;
            }
            else if (step is { Agent: { } own, ParentSpanId: { } parent } && byId.TryGetValue((step.TraceId, parent), out var above) && above is { Agent: { } caller, Kind: not StepKind.Handoff } && caller != own)
            {
                hands[(caller, own, false)] = hands.GetValueOrDefault((caller, own, false)) + 1;
            }
        }

        var shown = counts.Keys.OrderByDescending(a => counts[a]).Take(MostAgents).ToHashSet(StringComparer.Ordinal);
        var first = steps.FirstOrDefault(s => s.Agent is { } a && shown.Contains(a))?.Agent;
        var agents = Place(first, [.. counts.Keys.Where(shown.Contains)], [.. hands.Keys.Select(h => (h.From, h.To))], counts);
        return new AgentGraph(
            agents,
            [
                .. hands.Where(h => shown.Contains(h.Key.From) && shown.Contains(h.Key.To))
                    .Select(h => new GraphEdge(agents.First(a => a.Name == h.Key.From), agents.First(a => a.Name == h.Key.To), h.Value, h.Key.Hands)),
            ])
        {
            More = counts.Count - shown.Count,
        };
    }

    private static List<GraphAgent> Place(string? first, List<string> names, List<(string From, string To)> hands, Dictionary<string, int> counts)
    {
        var column = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = new Queue<string>(first is null ? [] : [first]);
        if (first is not null)
        {
            column[first] = 0;
        }

        while (next.TryDequeue(out var from))
        {
            foreach (var (_, to) in hands.Where(h => h.From == from && names.Contains(h.To) && !column.ContainsKey(h.To)).ToList())
            {
                column[to] = column[from] + 1;
                next.Enqueue(to);
            }
        }

        return [.. names.GroupBy(n => column.GetValueOrDefault(n)).OrderBy(g => g.Key).SelectMany(g => g.Select((name, row) => new GraphAgent(name, counts[name], g.Key, row)))];
    }

    /// <summary>Whether a handoff's target means this agent.</summary>
    public static bool Same(string agent, string target) => Plain(agent).SequenceEqual(Plain(target));

    private static IEnumerable<char> Plain(string name) => name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant);
}
