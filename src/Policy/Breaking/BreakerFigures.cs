namespace Handrail.Policy;

/// <summary>What breakers compare with their limits, as it stands at one moment; null where it is not known.</summary>
public readonly record struct BreakerFigures
{
    /// <summary>Cost in US dollars.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Turns of the conversation.</summary>
    public decimal? Turns { get; init; }

    /// <summary>Steps of every kind.</summary>
    public decimal? Steps { get; init; }

    /// <summary>Calls of a model.</summary>
    public decimal? LlmCalls { get; init; }

    /// <summary>Calls of a tool.</summary>
    public decimal? ToolCalls { get; init; }

    /// <summary>Tokens in and out.</summary>
    public decimal? Tokens { get; init; }

    /// <summary>Tokens in the context of the last model call.</summary>
    public decimal? ContextTokens { get; init; }

    /// <summary>Seconds since the console first heard of it.</summary>
    public decimal? ElapsedSeconds { get; init; }

    /// <summary>Failed steps.</summary>
    public decimal? Errors { get; init; }

    /// <summary>Failed calls since the last that succeeded.</summary>
    public decimal? ConsecutiveErrors { get; init; }

    /// <summary>The same call with the same result.</summary>
    public decimal? RepeatedCalls { get; init; }

    /// <summary>Times agents handed to one another without progress.</summary>
    public decimal? PingPong { get; init; }

    /// <summary>Actions that the gate refused.</summary>
    public decimal? DeniedActions { get; init; }

    /// <summary>The sum of amounts let go, in the breaker's currency.</summary>
    public decimal? AllowedAmount { get; init; }

    /// <summary>Calls whose cost is unknown.</summary>
    public decimal? UnpricedCalls { get; init; }

    /// <summary>Seconds without a sign of life.</summary>
    public decimal? SilenceSeconds { get; init; }

    /// <summary>The figure of a metric.</summary>
    public decimal? this[BreakerMetric metric] => metric switch
    {
        BreakerMetric.CostUsd => CostUsd,
        BreakerMetric.Turns => Turns,
        BreakerMetric.Steps => Steps,
        BreakerMetric.LlmCalls => LlmCalls,
        BreakerMetric.ToolCalls => ToolCalls,
        BreakerMetric.Tokens => Tokens,
        BreakerMetric.ContextTokens => ContextTokens,
        BreakerMetric.ElapsedSeconds => ElapsedSeconds,
        BreakerMetric.Errors => Errors,
        BreakerMetric.ConsecutiveErrors => ConsecutiveErrors,
        BreakerMetric.RepeatedCalls => RepeatedCalls,
        BreakerMetric.PingPong => PingPong,
        BreakerMetric.DeniedActions => DeniedActions,
        BreakerMetric.AllowedAmount => AllowedAmount,
        BreakerMetric.UnpricedCalls => UnpricedCalls,
        BreakerMetric.SilenceSeconds => SilenceSeconds,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "No metric known here."),
    };
}
