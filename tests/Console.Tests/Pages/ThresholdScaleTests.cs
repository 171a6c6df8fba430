using CsCheck;
using Handrail.Policies;
using Handrail.Policy;
using Xunit;

namespace Handrail.Pages;

/// <summary>The line that a threshold is dragged along.</summary>
public sealed class ThresholdScaleTests
{
    private static readonly Gen<decimal> Cents = Gen.OneOf(Gen.Int[0, 100_000], Gen.Int[0, 1_000_000_000]).Select(cents => cents / 100m);

    [Theory]
    [InlineData(400, null, false, 500, 5)]
    [InlineData(40, 1000, false, 1100, 10)]
    [InlineData(3, null, true, 4, 1)]
    [InlineData(0, null, true, 10, 1)]
    [InlineData(0.02, null, false, 0.025, 0.0002)]
    public void It_reaches_beyond_what_nearly_all_do_not_exceed_in_round_steps(double p99, int? threshold, bool whole, double top, double step)
    {
        var figures = Quantiles.Of(new[] { (decimal)p99 });

        var scale = ThresholdScale.Of(figures, threshold, whole);

        Assert.Equal(((decimal)top, (decimal)step), (scale.Top, scale.Step));
    }

    [Fact]
    public void Whatever_the_figures_the_line_holds_them_and_the_threshold() => Gen.Select(Cents, Cents).Sample((p99, threshold) =>
    {
        var scale = ThresholdScale.Of(Quantiles.Of(new[] { p99 }), threshold, whole: false);
        return scale.Step > 0 && scale.Top >= Math.Max(p99, threshold) && scale.Top / scale.Step <= 400;
    });

    [Fact]
    public void A_threshold_that_nothing_could_reach_stands_at_the_lines_end()
    {
        var scale = ThresholdScale.Of(Quantiles.Of(new[] { 40m }), decimal.MaxValue, whole: false);

        Assert.Equal(1, scale.At(decimal.MaxValue));
        Assert.InRange(scale.Top / scale.Step, 1, 400);
    }

    [Fact]
    public void What_a_threshold_would_have_stopped_is_what_lies_above_it() => Gen.Select(Cents.Array[0, 60], Cents).Sample((figures, threshold) =>
    {
        var history = new ThresholdHistory([.. figures], "actions");
        return history.Above(threshold) == figures.Count(f => f > threshold) && (figures.Length == 0 || history.Bins(500, 10).Sum() == figures.Length);
    });
}
