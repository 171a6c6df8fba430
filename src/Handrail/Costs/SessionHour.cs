namespace Handrail.Costs;

/// <summary>
/// What one session spent in one hour with one model, tool or other source: the same money as in <see cref="HourlyCost"/>, by whose it is. A session
/// that was not charged for an hour has no row of it; a tool's calls that cost nothing have none either.
/// </summary>
public sealed class SessionHour
{
    public required string SessionId { get; set; }

    /// <inheritdoc cref="HourlyCost.Hour"/>
    public DateTimeOffset Hour { get; set; }

    public required string Agent { get; set; }

    /// <inheritdoc cref="HourlyCost.Kind"/>
    public required string Kind { get; set; }

    /// <inheritdoc cref="HourlyCost.Source"/>
    public required string Source { get; set; }

    /// <summary>Billionths of a US dollar.</summary>
    public long CostNanos { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <inheritdoc cref="HourlyCost.CachedTokens"/>
    public long CachedTokens { get; set; }

    /// <inheritdoc cref="HourlyCost.CacheWriteTokens"/>
    public long CacheWriteTokens { get; set; }

    /// <inheritdoc cref="HourlyCost.Calls"/>
    public int Calls { get; set; }

    /// <inheritdoc cref="HourlyCost.UnpricedCalls"/>
    public int UnpricedCalls { get; set; }

    /// <summary>True for a row that says nothing.</summary>
    public bool IsEmpty => CostNanos == 0 && Calls == 0 && InputTokens == 0 && OutputTokens == 0 && CacheWriteTokens == 0 && UnpricedCalls == 0;
}
