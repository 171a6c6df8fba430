using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>The line on which a threshold is moved: from nothing to beyond nearly all figures, in round steps.</summary>
/// <param name="Top">Its end.</param>
/// <param name="Step">From one position to the next.</param>
public readonly record struct ThresholdScale(decimal Top, decimal Step)
{
    /// <summary>About how many positions there are: as fine as a hand on a telephone can be.</summary>
    private const int Positions = 150;

    /// <summary>Nobody sets a threshold finer than this, in any unit.</summary>
    private const decimal Finest = 0.0001m;

    /// <summary>A line that lies beyond is drawn at the end: no agent may ask for as much.</summary>
    private const decimal Farthest = 1_000_000_000_000_000m;

    /// <param name="whole">Figures that come in whole numbers only.</param>
    public static ThresholdScale Of(Quantiles? figures, decimal? threshold, bool whole)
    {
        var top = Math.Max((figures?.P99 ?? 0) * 1.25m, Math.Min(threshold ?? 0, Farthest) * 1.1m);
        if (top <= 0)
        {
            top = Math.Max(figures?.Most ?? 0, whole ? 10 : 1);
        }

        var step = Math.Max(whole ? 1 : Finest, Round(top / Positions));

        return new ThresholdScale(Math.Ceiling(top / step) * step, step);
    }

    /// <summary>Where a figure stands, from 0 to 1.</summary>
    public decimal At(decimal figure) => Math.Clamp(figure / Top, 0, 1);

    /// <summary>1, 2 or 5 times a power of ten, not below what is asked.</summary>
    private static decimal Round(decimal least)
    {
        if (least <= Finest)
        {
            return Finest;
        }

        var power = 1m;
        while (power * 10 <= least)
        {
            power *= 10;
        }

        while (power > least)
        {
            power /= 10;
        }

        return least <= power ? power : least <= power * 2 ? power * 2 : least <= power * 5 ? power * 5 : power * 10;
    }
}
