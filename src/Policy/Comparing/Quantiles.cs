namespace Handrail.Policy;

/// <summary>
/// How figures of the past are distributed. Each quantile is a figure that occurred: the least one that at least that share of all figures does not exceed (nearest rank;
/// definition 1 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), 361-365).
/// </summary>
/// <param name="Count">How many figures there are.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">What nine in ten do not exceed.</param>
/// <param name="P95">What 95 % do not exceed: what a breaker's threshold may start from.</param>
/// <param name="P99">What 99 % do not exceed.</param>
/// <param name="Most">The greatest.</param>
public sealed record Quantiles(int Count, decimal P50, decimal P90, decimal P95, decimal P99, decimal Most)
{
    /// <summary>The quantiles of some figures, which it sorts in their place; null where there are none.</summary>
    public static Quantiles? Of(Span<decimal> figures)
    {
        if (figures.IsEmpty) return null;
        figures.Sort();
        return new(figures.Length, At(figures, 50), At(figures, 90), At(figures, 95), At(figures, 99), figures[^1]);
    }

    private static decimal At(ReadOnlySpan<decimal> sorted, int percent) => sorted[(int)((((long)sorted.Length * percent) + 99) / 100) - 1];
}
