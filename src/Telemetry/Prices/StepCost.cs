namespace Handrail.Telemetry;

/// <summary>What a step cost in USD, by the sender's own figure and by our prices; either may be unknown.</summary>
public readonly record struct StepCost(decimal? Reported, decimal? Computed)
{
    /// <summary>
    /// The one that counts; null is unknown. The sender's figure wins if it is above zero: clients that know no price say
    /// zero, so a zero is believed only where we know none either.
    /// </summary>
    public decimal? Usd => Reported > 0 ? Reported : Computed ?? Reported;
}

/// <summary>US dollars as they are stored: whole billionths.</summary>
public static class UsdNanos
{
    private const decimal PerUsd = 1_000_000_000m;

    /// <summary>Rounded to the nearest billionth, a half to the even one; null stays null.</summary>
    /// <exception cref="OverflowException">The amount is over nine billion dollars.</exception>
    public static long? From(decimal? usd) =>
        usd is { } amount ? decimal.ToInt64(decimal.Round(amount * PerUsd, MidpointRounding.ToEven)) : null;

    public static decimal? ToUsd(long? nanos) => nanos / PerUsd;
}
