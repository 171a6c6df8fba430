namespace Handrail.Costs;

/// <summary>What spending is broken down by.</summary>
public enum SpendBy
{
    Agent,
    Model,
    Tool,

    /// <summary>The person on whose behalf the agents worked.</summary>
    User,
}

/// <summary>What spending is narrowed by; null members narrow nothing, all others must be met.</summary>
public sealed record SpendFilter
{
    public string? Agent { get; init; }

    /// <summary>Only calls of this model.</summary>
    public string? Model { get; init; }

    /// <summary>Only calls of this tool; with <see cref="Model"/>, calls of either.</summary>
    public string? Tool { get; init; }

    public string? User { get; init; }

    public string? Session { get; init; }

    public bool IsEmpty => this == new SpendFilter();
}

/// <summary>Money and tokens, added up.</summary>
/// <param name="Usd">Exact to the billionth.</param>
/// <param name="InputTokens">All that went in, those read from the cache included.</param>
/// <param name="CachedTokens">Those of the input that were read from the provider's cache.</param>
/// <param name="WrittenTokens">Those of the input that were written to it.</param>
/// <param name="Calls">Calls of models.</param>
/// <param name="Unpriced">Calls whose cost is not known: <paramref name="Usd"/> is then a lower bound.</param>
public readonly record struct SpendSum(decimal Usd, decimal InputTokens, decimal OutputTokens, decimal CachedTokens, decimal WrittenTokens, long Calls, long Unpriced)
{
    public bool IsZero => this == default;

    public static SpendSum operator +(SpendSum a, SpendSum b) => new(
        a.Usd + b.Usd, a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens, a.CachedTokens + b.CachedTokens, a.WrittenTokens + b.WrittenTokens, a.Calls + b.Calls, a.Unpriced + b.Unpriced);

    public static SpendSum operator -(SpendSum a, SpendSum b) => new(
        a.Usd - b.Usd, a.InputTokens - b.InputTokens, a.OutputTokens - b.OutputTokens, a.CachedTokens - b.CachedTokens, a.WrittenTokens - b.WrittenTokens, a.Calls - b.Calls, a.Unpriced - b.Unpriced);
}

/// <summary>What one agent, model, tool or user came to.</summary>
/// <param name="Key">Its name; null for all that has none: what no tool did, of whom no user is known.</param>
public sealed record SpendLine(string? Key, SpendSum Sum);

/// <summary>What was spent in a range.</summary>
/// <param name="Lines">By <paramref name="By"/>, the dearest first; together they are the total.</param>
/// <param name="Buckets">What each of the range's days or hours came to, in their order.</param>
/// <param name="Top">The dearest of the lines that have a name, with what they came to in each of the buckets, in US dollars.</param>
public sealed record SpendReading(
    SpendRange Range, SpendFilter Filter, SpendBy By, SpendSum Total, IReadOnlyList<SpendLine> Lines, IReadOnlyList<SpendSum> Buckets, IReadOnlyList<(string Key, decimal[] Usd)> Top);

/// <summary>What a session spent in a range.</summary>
/// <param name="Usd">In the range and under the filter: what it spent besides is in <paramref name="TotalUsd"/>.</param>
public sealed record SpendSession(
    string SessionId, string? Title, string Agent, string? User, Sessions.SessionState State, Sessions.SessionActivity Activity, DateTimeOffset StartedAt, decimal Usd, long Unpriced, decimal TotalUsd);

/// <summary>A page of sessions, the dearest first.</summary>
/// <param name="More">There are more than these.</param>
public sealed record SpendSessions(IReadOnlyList<SpendSession> Items, bool More);
