namespace Handrail.Costs;

/// <summary>
/// What one agent did and spent in one hour with one model, tool or other source. It stays when the steps it was added up from are
/// cleared away.
/// </summary>
public sealed class HourlyCost
{
    /// <summary><see cref="Kind"/> of model calls.</summary>
    public const string Model = "model";

    /// <summary><see cref="Kind"/> of tool calls.</summary>
    public const string Tool = "tool";

    /// <summary>The hour's beginning, by the clock of the step or the cost event.</summary>
    public DateTimeOffset Hour { get; set; }

    public required string Agent { get; set; }

    /// <summary>A cost event's kind: <c>model</c>, <c>tool</c>, <c>human</c> or <c>other</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>The model that answered, the tool's name, or the name of a cost event; empty where it has none.</summary>
    public required string Source { get; set; }

    /// <summary>Billionths of a US dollar.</summary>
    public long CostNanos { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    /// <summary>Input tokens that were read from the provider's cache; part of <see cref="InputTokens"/>.</summary>
    public long CachedTokens { get; set; }

    /// <summary>Input tokens that were written to the provider's cache; part of <see cref="InputTokens"/>.</summary>
    public long CacheWriteTokens { get; set; }

    /// <summary>Calls told of by a span or a log event, and cost events of model calls that none carries.</summary>
    public int Calls { get; set; }

    /// <summary>Those of them that failed.</summary>
    public int Errors { get; set; }

    /// <summary>Calls and cost events whose cost is not known: <see cref="CostNanos"/> is then a lower bound.</summary>
    public int UnpricedCalls { get; set; }

    /// <summary>How long the calls took together, in microseconds.</summary>
    public long DurationMicros { get; set; }

    /// <summary>True for a row that says nothing.</summary>
    public bool IsEmpty => CostNanos == 0 && Calls == 0 && InputTokens == 0 && OutputTokens == 0 && CacheWriteTokens == 0 && UnpricedCalls == 0;

    /// <summary>The hour that a moment lies in.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerHour));
    }
}
