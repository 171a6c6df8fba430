using Handrail.Policy;
using Handrail.Sessions;

namespace Handrail.Actions;

/// <summary>What was let go under one budget when a decision was made.</summary>
public sealed record BudgetFact(string Scope, string Limit, string Period, decimal Used);

/// <summary>What on-call had switched off and the action asked for.</summary>
public sealed record SwitchedOffFact(string What, string Name, string Reason);

/// <summary>The facts a decision was made with, as recorded beside it: previews and replays decide by them again.</summary>
public sealed record RecordedFacts
{
    public required DateTimeOffset At { get; init; }

    public required IReadOnlyList<ControlOrder> Control { get; init; }

    /// <summary>Breakers that had tripped; null where none had.</summary>
    public IReadOnlyList<TrippedBreaker>? Tripped { get; init; }

    public IReadOnlyList<string>? UserScopes { get; init; }

    public required IReadOnlyList<string> AgentScopes { get; init; }

    public bool AgentRequiresUser { get; init; }

    public required IReadOnlyList<string> ToolsUsed { get; init; }

    public required IReadOnlyList<BudgetFact> Budgets { get; init; }

    /// <summary>Null where the action asked for nothing that was switched off.</summary>
    public IReadOnlyList<SwitchedOffFact>? SwitchedOff { get; init; }

    public decimal CostUsd { get; init; }

    public long Turns { get; init; }

    public long Steps { get; init; }

    public long ToolCalls { get; init; }

    public long ContextTokens { get; init; }

    public decimal AgeSeconds { get; init; }

    private static readonly Dictionary<BudgetKey, decimal> NoBudgets = [];

    /// <summary>The figures of the session's row at this moment.</summary>
    public static RecordedFacts Of(Session session, DateTimeOffset now) => new()
    {
        At = now,
        Control = [],
        AgentScopes = [],
        ToolsUsed = [],
        Budgets = [],
        CostUsd = session.CostNanos / 1_000_000_000m,
        Turns = session.Turns,
        Steps = session.Steps,
        ToolCalls = session.ToolCalls,
        ContextTokens = session.ContextTokens,
        AgeSeconds = (decimal)Math.Max(0, (now - session.StartedAt).TotalSeconds),
    };

    public SessionFacts ToFacts(string sessionId) => new(sessionId)
    {
        Control = Control,
        Tripped = Tripped ?? [],
        UserScopes = UserScopes,
        AgentScopes = AgentScopes,
        AgentRequiresUser = AgentRequiresUser,
        ToolsUsed = ToolsUsed,
        BudgetUsed = Budgets.Count == 0 ? NoBudgets : Budgets.ToDictionary(b => new BudgetKey(b.Scope, b.Limit, b.Period), b => b.Used),
        CostUsd = CostUsd,
        Turns = Turns,
        Steps = Steps,
        ToolCalls = ToolCalls,
        ContextTokens = ContextTokens,
        AgeSeconds = AgeSeconds,
    };
}
