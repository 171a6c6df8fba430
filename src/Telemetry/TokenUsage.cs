namespace Handrail.Telemetry;

/// <summary>
/// Tokens of one model call, normalised: <see cref="Input"/> includes what was read from and written to the cache,
/// <see cref="Output"/> includes reasoning. A null member is unknown, which is not zero.
/// </summary>
public readonly record struct TokenUsage(long? Input, long? Output, long? CachedRead, long? CacheWrite, long? Reasoning)
{
    /// <summary>True when the call said how many tokens it took in or gave out.</summary>
    public bool IsKnown => Input is not null || Output is not null;
}
