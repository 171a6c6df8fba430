namespace Handrail.Policy;

/// <summary>
/// Everything that a decision needs to know beside the policy and the action, gathered by the caller at one moment. Plain values: the gate asks nothing back.
/// A figure that is null is unknown; a condition over it is then unknown too.
/// </summary>
/// <param name="SessionId">The session, which budgets per session and the review sample speak of.</param>
public sealed record SessionFacts(string SessionId)
{
    /// <summary>What people have ordered for the session, its agent or the fleet; empty when all run.</summary>
    public IReadOnlyList<ControlOrder> Control { get; init; } = [];

    /// <summary>Breakers that tripped for the session, its agent or the fleet and that nobody has resumed.</summary>
    public IReadOnlyList<TrippedBreaker> Tripped { get; init; } = [];

    /// <summary>The data scopes of the user on whose behalf the agent acts: null when there is no known user, empty when the user holds none.</summary>
    public IReadOnlyCollection<string>? UserScopes { get; init; }

    /// <summary>The data scopes that the agent uses.</summary>
    public IReadOnlyList<string> AgentScopes { get; init; } = [];

    /// <summary>Whether the agent may act only on behalf of a known user.</summary>
    public bool AgentRequiresUser { get; init; }

    /// <summary>Names of the tools that the session has used so far, from its spans and its gate calls, this action's not among them (unless used before).</summary>
    public IReadOnlyList<string> ToolsUsed { get; init; } = [];

    /// <summary>What has been let go already under each budget that the gate names. One that is not in here is unknown, and then an action under it goes to a person.</summary>
    public IReadOnlyDictionary<BudgetKey, decimal> BudgetUsed { get; init; } = new Dictionary<BudgetKey, decimal>();

    /// <summary>The session's cost so far, in US dollars.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Its turns so far.</summary>
    public long? Turns { get; init; }

    /// <summary>Its steps so far.</summary>
    public long? Steps { get; init; }

    /// <summary>Its tool calls so far.</summary>
    public long? ToolCalls { get; init; }

    /// <summary>Tokens in the context of its last model call.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>Seconds since it began.</summary>
    public decimal? AgeSeconds { get; init; }
}

/// <summary>What people have ordered for a scope.</summary>
public enum ControlState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It is paused; nothing is decided until it resumes.</summary>
    Paused,

    /// <summary>A person has the session; nothing is decided until it is handed back.</summary>
    TakenOver,

    /// <summary>It is stopped, for good.</summary>
    Stopped,
}

/// <summary>One order in force.</summary>
/// <param name="Scope"><c>session</c>, <c>agent</c> or <c>fleet</c>.</param>
/// <param name="State">What was ordered.</param>
/// <param name="Because">The reason given, or null.</param>
public sealed record ControlOrder(string Scope, ControlState State, string? Because = null);

/// <summary>One breaker that tripped.</summary>
/// <param name="Id">The breaker's id.</param>
/// <param name="Then">What follows.</param>
/// <param name="Metric">What it counts.</param>
/// <param name="Figure">The figure that tripped it, in the metric's unit.</param>
/// <param name="Threshold">The figure above which it trips.</param>
/// <param name="Currency">ISO 4217 letters of both, for amounts.</param>
public sealed record TrippedBreaker(string Id, BreakerOutcome Then, BreakerMetric Metric, decimal Figure, decimal Threshold, string? Currency = null);

/// <summary>Names one budget of one period.</summary>
/// <param name="Scope">The scope of the layer whose limit it is. Budgets of an agent's layer are that agent's alone: the caller adds which.</param>
/// <param name="Limit">The limit's <see cref="Limit.Key"/>.</param>
/// <param name="Period">The period, such as <c>day:2026-01-31</c>.</param>
public readonly record struct BudgetKey(string Scope, string Limit, string Period);
