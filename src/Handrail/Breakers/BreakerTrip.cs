using Handrail.Policy;

namespace Handrail.Breakers;

/// <summary>A breaker that tripped: by which figure, what it ordered, and what a person made of it. It trips once until a person resumes.</summary>
public sealed class BreakerTrip
{
    public required string Id { get; set; }

    /// <summary>Over what it counted: <c>session:ID</c>, <c>agent:NAME</c> or <c>fleet</c>.</summary>
    public required string Scope { get; set; }

    /// <summary>The policy it stands in: <c>fleet</c> or <c>agent:NAME</c>.</summary>
    public required string Layer { get; set; }

    /// <summary>Its id in that policy.</summary>
    public required string BreakerId { get; set; }

    public BreakerMetric Metric { get; set; }

    public BreakerOutcome Then { get; set; }

    /// <summary>The figure that tripped it, in the metric's unit.</summary>
    public decimal Figure { get; set; }

    /// <summary>The policy's limit at that moment.</summary>
    public decimal Threshold { get; set; }

    public string? Currency { get; set; }

    /// <summary>Over how many past seconds it counts; null for the whole session.</summary>
    public int? WindowSeconds { get; set; }

    public required string Team { get; set; }

    /// <summary>The session that brought the figure above the limit.</summary>
    public required string SessionId { get; set; }

    public required string Agent { get; set; }

    /// <summary>What was repeated or who handed to whom, a <see cref="TripDetail"/>.</summary>
    public string? DetailJson { get; set; }

    public DateTimeOffset TrippedAt { get; set; }

    public required string HandoffId { get; set; }

    /// <summary>When a person resumed it, or stopped the session for good; null while it is tripped.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    public string? ClosedBy { get; set; }

    /// <summary>What a person decided: <c>resume</c>, <c>take_over</c> or <c>stop</c>.</summary>
    public string? Choice { get; set; }

    /// <summary>What holds instead of the policy's limit since it was resumed, as long as that limit is the one it tripped by. Null where counting began anew.</summary>
    public decimal? NewLimit { get; set; }

    /// <summary>It is this trip that stopped the session: resuming takes that back.</summary>
    public bool Stopped { get; set; }

    /// <summary>A breaker by its policy and id.</summary>
    public (string Layer, string BreakerId) Breaker => (Layer, BreakerId);
}

/// <summary>What stands behind a figure.</summary>
/// <param name="Tool">The tool that was called the same way; null for a message.</param>
/// <param name="SameResult">What came back is known and was the same.</param>
/// <param name="Agents">Agents that handed to one another.</param>
public sealed record TripDetail(string? Tool, bool SameResult, IReadOnlyList<string>? Agents);
