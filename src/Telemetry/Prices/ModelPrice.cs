namespace Handrail.Telemetry;

/// <summary>Prices in USD per million tokens.</summary>
/// <param name="Input">Tokens taken in that were not read from the cache.</param>
/// <param name="CachedRead">Tokens read from the cache; null: as <paramref name="Input"/>, an upper bound.</param>
/// <param name="CacheWrite">Tokens written to the cache for five minutes; null: as <paramref name="Input"/>.</param>
/// <param name="Output">Tokens given out; null for a model that gives out none.</param>
/// <param name="Reasoning">Tokens of reasoning among them; null: as <paramref name="Output"/>.</param>
public sealed record PriceRates(decimal Input, decimal? CachedRead, decimal? CacheWrite, decimal? Output, decimal? Reasoning)
{
    private const decimal PerMillion = 1_000_000m;

    /// <summary>
    /// What a call costs in USD. Null when it is not known how many tokens it took in, or gave out of a model that
    /// charges for them: unknown is not free.
    /// </summary>
    public decimal? CostOf(TokenUsage usage)
    {
        if (usage.Input is not { } input || (Output is not null && usage.Output is null))
            return null;
        long output = usage.Output ?? 0;
        long read = Math.Min(usage.CachedRead ?? 0, input);
        long written = Math.Min(usage.CacheWrite ?? 0, input - read);
        long reasoning = Math.Min(usage.Reasoning ?? 0, output);
        decimal outputRate = Output ?? 0;
        return ((input - read - written) * Input
            + read * (CachedRead ?? Input)
            + written * (CacheWrite ?? Input)
            + (output - reasoning) * outputRate
            + reasoning * (Reasoning ?? outputRate)) / PerMillion;
    }
}

/// <summary>What one model costs, from a date on and, if so limited, between two times of the day.</summary>
/// <param name="Provider">Who sells it.</param>
/// <param name="Model">The name it is listed under.</param>
/// <param name="ValidFrom">First day (UTC); null: since ever.</param>
/// <param name="UtcFrom">With <paramref name="UtcUntil"/>: only between these times of the day, the first included.</param>
/// <param name="LongContextOver">A call with more input tokens than this costs <paramref name="LongContext"/>, all its tokens.</param>
public sealed record ModelPrice(
    string Provider, string Model, DateOnly? ValidFrom, TimeOnly? UtcFrom, TimeOnly? UtcUntil, PriceRates Rates,
    long? LongContextOver, PriceRates? LongContext)
{
    public bool HoldsAt(DateTimeOffset time)
    {
        DateTime utc = time.UtcDateTime;
        return (ValidFrom is null || DateOnly.FromDateTime(utc) >= ValidFrom)
            && (UtcFrom is not { } from || UtcUntil is not { } until || TimeOnly.FromDateTime(utc).IsBetween(from, until));
    }

    /// <inheritdoc cref="PriceRates.CostOf"/>
    public decimal? CostOf(TokenUsage usage) =>
        (LongContext is not null && usage.Input > LongContextOver ? LongContext : Rates).CostOf(usage);
}
