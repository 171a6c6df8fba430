namespace Handrail.Policy;

/// <summary>A figure at which a session, an agent or the whole fleet is halted. Trips are found outside and given to the gate as facts.</summary>
/// <param name="Id">Unique within the document.</param>
/// <param name="Scope">Over what it counts.</param>
/// <param name="Metric">What it counts.</param>
/// <param name="Threshold">The <c>limit</c>: the figure above which it trips, in the metric's unit.</param>
/// <param name="Then">What follows.</param>
public sealed record Breaker(string Id, BreakerScope Scope, BreakerMetric Metric, decimal Threshold, BreakerOutcome Then)
{
    /// <summary>Over how much past time it counts; agent and fleet breakers always have one, null is the whole session.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>ISO 4217 letters of the threshold, for <see cref="BreakerMetric.AllowedAmount"/> alone.</summary>
    public string? Currency { get; init; }
}

/// <summary>Over what a breaker counts.</summary>
public enum BreakerScope
{
    /// <summary>One session.</summary>
    Session,

    /// <summary>All sessions of one agent.</summary>
    Agent,

    /// <summary>All sessions.</summary>
    Fleet,
}

/// <summary>What a breaker counts.</summary>
public enum BreakerMetric
{
    /// <summary>Cost in US dollars.</summary>
    CostUsd,

    /// <summary>Turns of the conversation.</summary>
    Turns,

    /// <summary>Steps of every kind.</summary>
    Steps,

    /// <summary>Calls of a model.</summary>
    LlmCalls,

    /// <summary>Calls of a tool.</summary>
    ToolCalls,

    /// <summary>Tokens in and out.</summary>
    Tokens,

    /// <summary>Tokens that the last model call had in its context.</summary>
    ContextTokens,

    /// <summary>Seconds since the start.</summary>
    ElapsedSeconds,

    /// <summary>Failed steps.</summary>
    Errors,

    /// <summary>Failed steps without a success between them.</summary>
    ConsecutiveErrors,

    /// <summary>The same call or message with the same result, within the last 20 steps.</summary>
    RepeatedCalls,

    /// <summary>Two agents handing to each other with no other progress.</summary>
    PingPong,

    /// <summary>Actions that the gate refused.</summary>
    DeniedActions,

    /// <summary>The sum of amounts let go, in the breaker's currency.</summary>
    AllowedAmount,

    /// <summary>Calls whose cost is unknown.</summary>
    UnpricedCalls,

    /// <summary>Seconds without a sign of life.</summary>
    SilenceSeconds,
}

/// <summary>What a tripped breaker does.</summary>
public enum BreakerOutcome
{
    /// <summary>On-call is told; actions go on.</summary>
    Alert,

    /// <summary>Every further action goes to a person.</summary>
    Review,

    /// <summary>The scope is paused.</summary>
    Pause,

    /// <summary>The scope is stopped.</summary>
    Stop,
}
