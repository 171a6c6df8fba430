namespace Handrail.Sessions;

/// <summary>A step within its turn: where its bar begins and how long it is, in hundredths of the turn's length.</summary>
public sealed record WaterfallLine(SessionStep Step, double Left, double Width);

/// <summary>One turn, normally one trace, with its steps in the order they began.</summary>
public sealed record WaterfallTurn(string TraceId, int Number, DateTimeOffset StartedAt, TimeSpan Length, long CostNanos, bool CostKnown, int Errors, IReadOnlyList<WaterfallLine> Lines);

/// <summary>
/// Steps laid out on time. Each turn has a scale of its own: a session may wait hours between two turns, and on one scale every
/// bar would be a hair.
/// </summary>
public static class Waterfall
{
    /// <summary>A bar that would be shorter than this could not be seen, in hundredths.</summary>
    private const double Shortest = 0.6;

    /// <param name="steps">The newest steps of the session, in the order they began.</param>
    /// <param name="turns">How many turns the session has in all: the last one shown bears this number.</param>
    public static IReadOnlyList<WaterfallTurn> Of(IReadOnlyList<SessionStep> steps, int turns)
    {
        var groups = steps.GroupBy(s => s.TraceId).OrderBy(g => g.First().StartedAt).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        return [.. groups.Select((group, i) => Turn(group.Key, [.. group], Math.Max(turns, groups.Count) - groups.Count + i + 1))];
    }

    private static WaterfallTurn Turn(string traceId, List<SessionStep> steps, int number)
    {
        var start = steps.Min(s => s.StartedAt);
        var length = steps.Max(s => s.EndedAt) - start;
        return new WaterfallTurn(
            traceId, number, start, length,
            steps.Where(s => s.Counts).Sum(s => s.CostNanos ?? 0),
            steps.TrueForAll(s => !s.Counts || s.CostNanos is not null || s.Kind is not (Telemetry.StepKind.Llm or Telemetry.StepKind.Embedding)),
            steps.Count(s => s.Failed),
            // A parent that began in the same moment as its child stands above it.
            [.. steps.OrderBy(s => s.StartedAt).ThenBy(s => s.Depth).Select(s => Line(s, start, length))]);
    }

    private static WaterfallLine Line(SessionStep step, DateTimeOffset start, TimeSpan length)
    {
        if (length <= TimeSpan.Zero)
        {
            return new WaterfallLine(step, 0, 100);
        }

        var width = Math.Max(Shortest, (step.EndedAt - step.StartedAt) / length * 100);
        var left = Math.Min((step.StartedAt - start) / length * 100, 100 - Shortest);
        return new WaterfallLine(step, left, Math.Min(width, 100 - left));
    }
}
