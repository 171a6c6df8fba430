using Handrail.Telemetry;

namespace Handrail.Costs;

/// <summary>What reading from the provider's cache came to for one model.</summary>
/// <param name="InputTokens">All that went in.</param>
/// <param name="CachedTokens">Those of them that were read from the cache.</param>
/// <param name="WrittenTokens">Those that were written to it.</param>
/// <param name="SavedUsd">
/// What the same tokens would have cost more without the cache, less what writing to it cost more; below zero where it cost more than it saved. Null where a
/// price is not known.
/// </param>
public sealed record ModelCaching(string Model, decimal InputTokens, decimal CachedTokens, decimal WrittenTokens, decimal? SavedUsd)
{
    /// <summary>The share of the input that came from the cache.</summary>
    public double HitRate => InputTokens <= 0 ? 0 : (double)Math.Clamp(CachedTokens / InputTokens, 0, 1);
}

/// <summary>What caching did, by model, by the price list: list prices of the hour, without tiers for long contexts.</summary>
/// <param name="Models">The most input first.</param>
/// <param name="UnknownPrice">Models with cached tokens whose price is not known: what they saved is not in the sum.</param>
public sealed record CacheReading(IReadOnlyList<ModelCaching> Models, decimal SavedUsd, double HitRate, int UnknownPrice)
{
    private const decimal PerMillion = 1_000_000m;

    /// <param name="hours">What models took in, by the hour.</param>
    public static CacheReading Of(IEnumerable<(DateTimeOffset Hour, string Model, SpendSum Sum)> hours, PriceTable prices)
    {
        List<ModelCaching> models =
        [
            .. hours.GroupBy(h => h.Model, StringComparer.Ordinal).Select(g => new ModelCaching(
                    g.Key, g.Sum(h => h.Sum.InputTokens), g.Sum(h => h.Sum.CachedTokens), g.Sum(h => h.Sum.WrittenTokens),
                    g.Aggregate((decimal?)0m, (saved, hour) => saved + Saved(hour.Model, hour.Hour, hour.Sum, prices))))
                .Where(m => m.InputTokens > 0).OrderByDescending(m => m.InputTokens).ThenBy(m => m.Model, StringComparer.Ordinal),
        ];
        var (input, cached) = (models.Sum(m => m.InputTokens), models.Sum(m => m.CachedTokens));
        return new CacheReading(models, models.Sum(m => m.SavedUsd ?? 0), new ModelCaching("", input, cached, 0, null).HitRate, models.Count(m => m.SavedUsd is null));
    }

    private static decimal? Saved(string model, DateTimeOffset hour, SpendSum sum, PriceTable prices)
    {
        if (sum.CachedTokens == 0 && sum.WrittenTokens == 0)
        {
            return 0;
        }

        if (prices.Find(null, model, null, hour)?.Rates is not { } rates)
        {
            return null;
        }

        return ((sum.CachedTokens * (rates.Input - (rates.CachedRead ?? rates.Input))) - (sum.WrittenTokens * ((rates.CacheWrite ?? rates.Input) - rates.Input))) / PerMillion;
    }
}
