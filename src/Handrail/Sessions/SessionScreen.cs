using Handrail.Actions;

namespace Handrail.Sessions;

/// <summary>A session as its page shows it, read as one.</summary>
public sealed record SessionScreen
{
    public required SessionReading Session { get; init; }

    /// <summary>The steps in the order they began, without the oldest <see cref="Earlier"/>.</summary>
    public required IReadOnlyList<SessionStep> Steps { get; init; }

    /// <summary>How many of the oldest steps are left out.</summary>
    public required int Earlier { get; init; }

    /// <summary>What the agent asked and what was decided, newest first.</summary>
    public required IReadOnlyList<DecisionRow> Decisions { get; init; }

    /// <summary>What people ordered, newest first, and whether the agent obeyed.</summary>
    public required IReadOnlyList<CommandProgress> Commands { get; init; }

    /// <summary>Tools that it used, in the order of their first use.</summary>
    public required IReadOnlyList<UsedTool> Tools { get; init; }

    /// <summary>Sessions that this one started, newest first; at most 20.</summary>
    public required IReadOnlyList<string> Children { get; init; }

    /// <summary>What holds the session from above: its agent or the fleet, paused or stopped.</summary>
    public required IReadOnlyList<ScopeReading> Held { get; init; }
}

/// <summary>A tool that a session has used, with the labels that policy gives it: what taints the session.</summary>
public sealed record UsedTool(string Tool, DateTimeOffset FirstUsedAt, IReadOnlyList<string> Labels);
