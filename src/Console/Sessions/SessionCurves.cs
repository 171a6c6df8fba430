using System.Globalization;
using System.Text;
using Handrail.Policy;
using Handrail.Telemetry;

namespace Handrail.Sessions;

/// <summary>A figure that grows over a session, drawn into a box of <see cref="Curve.Width"/> by <see cref="Curve.Height"/>.</summary>
/// <param name="Path">An SVG path; empty where nothing is known.</param>
/// <param name="Top">The figure at the box's upper edge.</param>
/// <param name="Last">The figure at the end.</param>
/// <param name="Limit">The breaker's threshold, in the figure's unit; null for none.</param>
/// <param name="LimitY">Where the breaker's line stands; null when there is no breaker, or the curve stays too far below it for the line to be in the box.</param>
public sealed record Curve(string Path, decimal Top, decimal Last, Breaker? Limit, double? LimitY)
{
    public const int Width = 1_000;
    public const int Height = 100;
}

/// <summary>What a session's cost and the model's context came to over time, against the session's breakers.</summary>
/// <param name="Compactions">Where the context shrank to less than half: it was compacted, or begun anew.</param>
public sealed record SessionCurves(DateTimeOffset From, DateTimeOffset To, Curve Cost, Curve Context, IReadOnlyList<double> Compactions)
{
    /// <summary>More points than a screen has columns would only cost.</summary>
    private const int MostPoints = 600;

    /// <summary>A breaker further above the curve than this many times its highest point is named, not drawn: the curve would lie flat.</summary>
    private const decimal FurthestLimit = 4;

    /// <param name="steps">In the order they began.</param>
    public static SessionCurves? Of(
        IReadOnlyList<SessionStep> steps, IReadOnlyList<(DateTimeOffset At, long Nanos)> otherCosts, IReadOnlyList<Breaker> breakers, long totalCostNanos)
    {
        if (steps.Count == 0)
        {
            return null;
        }

        var (from, to) = (steps[0].StartedAt, steps.Max(s => s.EndedAt));
        var costs = steps.Where(s => s is { Counts: true, CostNanos: not null }).Select(s => (At: s.EndedAt, Nanos: s.CostNanos!.Value)).Concat(otherCosts).OrderBy(c => c.At).ToList();

        // What was spent in steps that are not among these lies before them.
        var sum = Math.Max(0, totalCostNanos - costs.Sum(c => c.Nanos));
        var cost = new List<(DateTimeOffset At, decimal Value)> { (from, sum / 1_000_000_000m) };
        foreach (var one in costs)
        {
            sum += one.Nanos;
            cost.Add((one.At, sum / 1_000_000_000m));
        }

        cost.Add((to, sum / 1_000_000_000m));
        var context = steps.Where(s => s is { Counts: true, Kind: StepKind.Llm, InputTokens: not null }).Select(s => (At: s.StartedAt, Value: (decimal)s.InputTokens!.Value)).ToList();
        return new SessionCurves(
            from, to,
            Draw(cost, from, to, breakers.FirstOrDefault(b => b.Metric == BreakerMetric.CostUsd)),
            Draw(context, from, to, breakers.FirstOrDefault(b => b.Metric == BreakerMetric.ContextTokens)),
            [.. context.Zip(context.Skip(1)).Where(p => p.Second.Value * 2 < p.First.Value).Select(p => X(p.Second.At, from, to))]);
    }

    /// <summary>Where a moment stands across the box.</summary>
    public double At(DateTimeOffset moment) => X(moment, From, To);

    private static Curve Draw(List<(DateTimeOffset At, decimal Value)> points, DateTimeOffset from, DateTimeOffset to, Breaker? breaker)
    {
        if (points.Count == 0)
        {
            return new Curve("", 0, 0, breaker, null);
        }

        var highest = points.Max(p => p.Value);
        var shown = breaker is { } limit && limit.Threshold > 0 && limit.Threshold <= highest * FurthestLimit;
        var top = shown ? Math.Max(highest, breaker!.Threshold) * 1.1m : highest * 1.1m;
        top = top == 0 ? 1 : top;
        var path = new StringBuilder();
        foreach (var (at, value) in Thinned(points))
        {
            // In steps: a figure stands until the next one.
            var (x, y) = (N(X(at, from, to)), N(Y(value, top)));
            path.Append(path.Length == 0 ? $"M{x} {y}" : $"H{x}V{y}");
        }

        path.Append('H').Append(N(Curve.Width));
        return new Curve(path.ToString(), top, points[^1].Value, breaker, shown ? Y(breaker!.Threshold, top) : null);
    }

    /// <summary>Of points that would fall on one column the highest.</summary>
    private static IEnumerable<(DateTimeOffset At, decimal Value)> Thinned(List<(DateTimeOffset At, decimal Value)> points)
    {
        if (points.Count <= MostPoints)
        {
            return points;
        }

        var size = (points.Count + MostPoints - 1) / MostPoints;
        return points.Chunk(size).Select(c => c.MaxBy(p => p.Value));
    }

    private static double X(DateTimeOffset at, DateTimeOffset from, DateTimeOffset to) =>
        to <= from ? Curve.Width : Math.Clamp((at - from) / (to - from) * Curve.Width, 0, Curve.Width);

    private static double Y(decimal value, decimal top) => Curve.Height - (double)(value / top * Curve.Height);

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
