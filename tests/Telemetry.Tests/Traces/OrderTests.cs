using CsCheck;
using Handrail.Telemetry;

namespace Handrail.Traces;

/// <summary>Exporters send children before parents, in other requests, and twice: the reading must not depend on it.</summary>
public sealed class OrderTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string?> Name = Gen.OneOfConst(null, null, null, "", "one", "two", "three");

    // Parents may be missing, point to themselves or go in circles.
    private static readonly Gen<StepNode[]> Trace = Gen.Select(
        Gen.Select(Gen.Int[0, 40], Gen.Enum<StepKind>(), Gen.Int[0, 5], Gen.Int[0, 31]), Gen.Select(Name, Name, Name, Name, Name))
        .Array[0, 40]
        .Select(rows => rows.Select((row, i) =>
        {
            ((int parent, StepKind kind, int second, int flags), (string? session, string? resource, string? agent, string? service, string? user)) = row;
            return new StepNode(
                $"n{i}", (flags & 1) == 0 ? null : $"n{parent}", kind, session, resource, agent, service, user, (flags & 2) != 0,
                Start.AddSeconds(second), (flags & 4) != 0, (flags & 8) != 0 ? "tool" : null);
        }).ToArray());

    [Fact]
    public void The_order_in_which_steps_come_does_not_change_the_reading() =>
        Gen.Select(Trace, Gen.Int[0, int.MaxValue]).Sample((nodes, seed) =>
        {
            StepNode[] shuffled = [.. nodes];
            new Random(seed).Shuffle(shuffled);
            Assert.Equal(ById(nodes), ById(shuffled));
        }, iter: 2000);

    [Fact]
    public void Reading_again_with_each_batch_ends_where_reading_all_at_once_does() =>
        Gen.Select(Trace, Gen.Int[1, 7]).Sample((nodes, batch) =>
        {
            Dictionary<string, StepReading> latest = [];
            var known = new List<StepNode>();
            foreach (StepNode[] arrived in nodes.Chunk(batch))
            {
                known.AddRange(arrived);
                latest = ById(known);
            }

            Assert.Equal(ById(nodes), latest);
        }, iter: 1000);

    [Fact]
    public void Below_a_step_that_counts_its_tokens_no_other_does() =>
        Trace.Sample(nodes =>
        {
            Dictionary<string, StepReading> readings = ById(nodes);
            var byId = nodes.ToDictionary(n => n.SpanId);
            foreach (StepNode node in nodes.Where(n => n.HasUsage && readings[n.SpanId].Counts))
            {
                var seen = new HashSet<string> { node.SpanId };
                for (StepNode at = node; at.ParentSpanId is { } parent && byId.TryGetValue(parent, out at) && seen.Add(parent);)
                    Assert.False(at.HasUsage && readings[parent].Counts && !InCircle(byId, parent), $"{parent} counts above {node.SpanId}");
            }
        }, iter: 1000);

    private static bool InCircle(Dictionary<string, StepNode> byId, string id)
    {
        string? at = byId[id].ParentSpanId;
        for (int i = 0; i <= byId.Count && at is not null && byId.TryGetValue(at, out StepNode node); i++)
        {
            if (at == id)
                return true;
            at = node.ParentSpanId;
        }

        return false;
    }

    private static Dictionary<string, StepReading> ById(IReadOnlyList<StepNode> nodes) =>
        nodes.Zip(TraceReading.Read(nodes)).ToDictionary(pair => pair.First.SpanId, pair => pair.Second);
}
