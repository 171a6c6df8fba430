namespace Handrail.Faults.Soak;

/// <summary>What row 14 goes by: it finds a slow leak under noise, and takes noise for no leak.</summary>
public sealed class TrendTests
{
    private const int Figures = 180;
    private const int Runs = 200;
    private const double Allowed = 8;

    [Fact]
    public void Row_14_noise_around_a_level_is_flat() =>
        Assert.Equal(0, Enumerable.Range(0, Runs).Count(seed => !Trend.Of(Series(seed, _ => 300)).IsFlat(Allowed)));

    [Fact]
    public void Row_14_a_leak_of_twenty_over_the_run_is_found_under_noise_of_as_much() =>
        Assert.Equal(Runs, Enumerable.Range(0, Runs).Count(seed => !Trend.Of(Series(seed, share => 300 + (20 * share))).IsFlat(Allowed)));

    [Fact]
    public void Row_14_what_grows_in_the_first_third_alone_is_the_warm_up() =>
        Assert.Equal(0, Enumerable.Range(0, Runs).Count(seed => !Trend.Of(Series(seed, share => 100 + (200 * Math.Min(1, share * 3)))).IsFlat(Allowed)));

    [Fact]
    public void Row_14_outliers_are_no_growth() =>
        Assert.True(Trend.Of([.. Series(1, _ => 300).Select((p, i) => i % 12 == 11 && i > Figures / 2 ? (p.At, p.Figure + 500) : p)]).IsFlat(Allowed));

    [Fact]
    public void Row_14_what_falls_is_no_growth() => Assert.True(Trend.Of(Series(2, share => 300 - (100 * share))).IsFlat(Allowed));

    [Fact]
    public void Row_14_a_large_step_up_late_in_the_run_is_growth() => Assert.False(Trend.Of(Series(3, share => share > 0.75 ? 330 : 300)).IsFlat(Allowed));

    /// <summary>A figure every ten seconds, ten up and down around where it would be.</summary>
    private static List<(double At, double Figure)> Series(int seed, Func<double, double> level)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Figures).Select(i => (10.0 * i, level((double)i / Figures) + (20 * (random.NextDouble() - 0.5))))];
    }
}
