namespace Handrail.Sessions;

/// <summary>A row of the waterfall: a turn's heading, or a step of the turn with its bar in hundredths of the turn's length.</summary>
/// <param name="Step">Null for the turn's heading.</param>
public sealed record WaterfallRow(WaterfallTurn Turn, SessionStep? Step, double Left, double Width)
{
    public string Key => Step is null ? Turn.TraceId : StepList.Key(Step);
}

/// <summary>One turn, normally one trace.</summary>
public sealed record WaterfallTurn(string TraceId, int Number, DateTimeOffset StartedAt, TimeSpan Length, long CostNanos, bool CostKnown, int Errors);

/// <summary>
/// Steps laid out on time, as rows one under the other. Each turn has a scale of its own: a session may wait hours between two turns, and
/// on one scale every bar would be a hair.
/// </summary>
public static class Waterfall
{
    /// <summary>A bar that would be shorter than this could not be seen, in hundredths.</summary>
    private const double Shortest = 0.6;

    /// <param name="steps">The newest steps of the session, in the order they began.</param>
    /// <param name="turns">How many turns the session has in all: the last one shown bears this number.</param>
    public static List<WaterfallRow> Of(IReadOnlyList<SessionStep> steps, int turns)
    {
        var groups = steps.GroupBy(s => s.TraceId).OrderBy(g => g.First().StartedAt).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        var rows = new List<WaterfallRow>(steps.Count + groups.Count);
        for (var i = 0; i < groups.Count; i++)
        {
            Add(rows, groups[i].Key, [.. groups[i]], Math.Max(turns, groups.Count) - groups.Count + i + 1);
        }

        return rows;
    }

    private static void Add(List<WaterfallRow> rows, string traceId, List<SessionStep> steps, int number)
    {
        var start = steps.Min(s => s.StartedAt);
        var length = steps.Max(s => s.EndedAt) - start;
        var turn = new WaterfallTurn(
            traceId, number, start, length,
            steps.Where(s => s.Counts).Sum(s => s.CostNanos ?? 0),
            steps.TrueForAll(s => !s.Counts || s.CostNanos is not null || s.Kind is not (Telemetry.StepKind.Llm or Telemetry.StepKind.Embedding)),
            steps.Count(s => s.Failed));
        rows.Add(new WaterfallRow(turn, null, 0, 0));

        // A parent that began in the same moment as its child stands above it.
        rows.AddRange(steps.OrderBy(s => s.StartedAt).ThenBy(s => s.Depth).Select(s => Row(turn, s, start, length)));
    }

    private static WaterfallRow Row(WaterfallTurn turn, SessionStep step, DateTimeOffset start, TimeSpan length)
    {
        if (length <= TimeSpan.Zero)
        {
            return new WaterfallRow(turn, step, 0, 100);
        }

        var width = Math.Max(Shortest, (step.EndedAt - step.StartedAt) / length * 100);
        var left = Math.Min((step.StartedAt - start) / length * 100, 100 - Shortest);
        return new WaterfallRow(turn, step, left, Math.Min(width, 100 - left));
    }
}
