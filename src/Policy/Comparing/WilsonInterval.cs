namespace Handrail.Policy;

/// <summary>
/// The score interval of a share, which stays honest for few cases and for shares near 0 and 1. After E. B. Wilson, "Probable Inference, the Law of Succession, and
/// Statistical Inference", Journal of the American Statistical Association 22 (1927), 209-212.
/// </summary>
/// <param name="Low">The lower bound, from 0 to 1.</param>
/// <param name="High">The upper bound, from 0 to 1.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>The standard normal deviate that leaves 2.5 % on either side: 95 % in all.</summary>
    public const double Z95 = 1.959963984540054;

    /// <summary>The interval for a share of cases; everything from 0 to 1 where there are none.</summary>
    /// <param name="successes">How many cases were so.</param>
    /// <param name="cases">Of how many.</param>
    /// <param name="z">The standard normal deviate of the confidence wanted.</param>
    public static WilsonInterval Of(long successes, long cases, double z = Z95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, cases);
        if (cases == 0) return new(0, 1);
        var share = (double)successes / cases;
        var weight = z * z / cases;
        var middle = share + (weight / 2);
        var reach = z * Math.Sqrt((share * (1 - share) / cases) + (weight / (4 * cases)));

        // At the ends the bound is the end itself, which rounding would miss by a hair.
        return new(
            successes == 0 ? 0 : Math.Max(0, (middle - reach) / (1 + weight)),
            successes == cases ? 1 : Math.Min(1, (middle + reach) / (1 + weight)));
    }
}
