using Handrail.Telemetry;
using Xunit;

namespace Handrail.Costs;

public sealed class CacheReadingTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>3 USD a million tokens in, 0.30 from the cache, 3.75 into it.</summary>
    private const string Sonnet = "claude-3-7-sonnet";

    [Fact]
    public void What_caching_saved_is_less_what_writing_to_it_cost_more()
    {
        var reading = CacheReading.Of([(Noon, Sonnet, Read(10_000_000, 4_000_000, 1_000_000)), (Noon.AddHours(1), Sonnet, Read(2_000_000, 2_000_000, 0))], PriceTable.BuiltIn);

        var model = Assert.Single(reading.Models);
        Assert.Equal((12_000_000m, 6_000_000m, 0.5), (model.InputTokens, model.CachedTokens, model.HitRate));
        Assert.Equal((6 * 2.70m) - 0.75m, model.SavedUsd);
        Assert.Equal((model.SavedUsd!.Value, 0), (reading.SavedUsd, reading.UnknownPrice));
    }

    [Fact]
    public void A_cache_that_is_written_and_never_read_costs_and_saves_nothing() =>
        Assert.Equal(-0.75m, CacheReading.Of([(Noon, Sonnet, Read(1_000_000, 0, 1_000_000))], PriceTable.BuiltIn).SavedUsd);

    [Fact]
    public void Of_a_model_of_no_known_price_it_is_not_known_what_it_saved_unless_it_read_nothing_from_a_cache()
    {
        var reading = CacheReading.Of([(Noon, "nobody-sells-it", Read(100, 50, 0)), (Noon, "nor-this", Read(100, 0, 0)), (Noon, Sonnet, Read(1_000_000, 1_000_000, 0))], PriceTable.BuiltIn);

        Assert.Equal([(Sonnet, 2.70m), ("nobody-sells-it", null), ("nor-this", 0m)], reading.Models.Select(m => (m.Model, m.SavedUsd)));
        Assert.Equal((2.70m, 1), (reading.SavedUsd, reading.UnknownPrice));
    }

    [Fact]
    public void Nothing_told_is_nothing_read() => Assert.Equal((0, 0m, 0d), (CacheReading.Of([], PriceTable.BuiltIn).Models.Count, CacheReading.Of([], PriceTable.BuiltIn).SavedUsd, CacheReading.Of([], PriceTable.BuiltIn).HitRate));

    private static SpendSum Read(decimal input, decimal cached, decimal written) => new(0, input, 0, cached, written, 1, 0);
}
