namespace Handrail.Faults.Soak;

/// <summary>Where a series of figures goes over the last two thirds of a run: the first third is its warm-up.</summary>
/// <param name="Middle">The median of the second third.</param>
/// <param name="Last">The median of the last third.</param>
/// <param name="Slope">By how much it grew from the beginning of the second third to the end, along the median of the slopes between any two figures (Theil and Sen): what a few outliers do not move.</param>
internal sealed record Trend(double Middle, double Last, double Slope)
{
    /// <summary>Pairs that are looked at: more would only take longer.</summary>
    private const int MostFigures = 1_200;

    /// <param name="series">At what time each figure was taken, in any unit, rising; at least six.</param>
    public static Trend Of(IReadOnlyList<(double At, double Figure)> series)
    {
        var (begun, length) = (series[0].At, series[^1].At - series[0].At);
        var middle = series.Where(p => p.At >= begun + (length / 3) && p.At < begun + (length * 2 / 3)).ToList();
        var last = series.Where(p => p.At >= begun + (length * 2 / 3)).ToList();
        var settled = middle.Concat(last).ToList();
        var every = Math.Max(1, settled.Count / MostFigures);
        var kept = settled.Where((_, i) => i % every == 0).ToList();
        var slopes = new List<double>();
        for (var i = 0; i < kept.Count; i++)
        {
            for (var j = i + 1; j < kept.Count; j++)
            {
                if (kept[j].At > kept[i].At)
                {
                    slopes.Add((kept[j].Figure - kept[i].Figure) / (kept[j].At - kept[i].At));
                }
            }
        }

        return new Trend(Median(middle.Select(p => p.Figure)), Median(last.Select(p => p.Figure)), Median(slopes) * (settled[^1].At - settled[0].At));
    }

    /// <summary>Whether it stays where it is: neither the slope nor the step from third to third is more than is allowed.</summary>
    /// <param name="allowed">In the figures' unit.</param>
    public bool IsFlat(double allowed) => Slope <= allowed && Last - Middle <= allowed;

    public static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
