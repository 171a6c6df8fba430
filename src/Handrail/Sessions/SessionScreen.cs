using Handrail.Actions;
using Handrail.Breakers;
using Handrail.Policy;

namespace Handrail.Sessions;

/// <summary>A session as its page shows it, read as one.</summary>
public sealed record SessionScreen
{
    public required SessionReading Session { get; init; }

    /// <summary>The steps in the order they began, without the oldest <see cref="Earlier"/>.</summary>
    public required IReadOnlyList<SessionStep> Steps { get; init; }

    /// <summary>How many of the oldest steps are left out because there are so many.</summary>
    public required int Earlier { get; init; }

    /// <summary>How many steps are counted in the totals and no longer kept.</summary>
    public required int Cleared { get; init; }

    /// <summary>What the agent asked and what was decided, newest first.</summary>
    public required IReadOnlyList<DecisionRow> Decisions { get; init; }

    /// <summary>What people ordered, newest first, and whether the agent obeyed.</summary>
    public required IReadOnlyList<CommandProgress> Commands { get; init; }

    /// <summary>The order that its agent has not acknowledged in time; null while there is none, and of the past.</summary>
    public required UnobeyedOrder? Unobeyed { get; init; }

    /// <summary>Tools that it used, in the order of their first use.</summary>
    public required IReadOnlyList<UsedTool> Tools { get; init; }

    /// <summary>Sessions that this one started, newest first; at most 20.</summary>
    public required IReadOnlyList<string> Children { get; init; }

    /// <summary>The session's own breakers by the policies now in force, the strictest of each figure: the lines that its curves are drawn against.</summary>
    public required IReadOnlyList<Breaker> Breakers { get; init; }

    /// <summary>Breakers that tripped over this session, its agent's and the fleet's by it among them, newest first.</summary>
    public required IReadOnlyList<TripReading> Trips { get; init; }

    /// <summary>What the agent reported of the conversation, and what people wrote in it from here, the oldest first; at most 500 lines.</summary>
    public required IReadOnlyList<TranscriptLine> Transcript { get; init; }

    /// <summary>Until when the person who has taken it over keeps it without another sign; null where nobody has, or that time is over.</summary>
    public required DateTimeOffset? TakenOverUntil { get; init; }

    /// <summary>What it spent beside its steps, in billionths of a US dollar, by when.</summary>
    public required IReadOnlyList<(DateTimeOffset At, long Nanos)> OtherCosts { get; init; }

    /// <summary>Metrics that name the session: of a sender that sends nothing else, all that is known.</summary>
    public required IReadOnlyList<SessionMetric> Metrics { get; init; }

    /// <summary>What holds the session from above: its agent or the fleet, paused or stopped.</summary>
    public required IReadOnlyList<ScopeReading> Held { get; init; }
}

/// <summary>The sum of a metric's series within a session.</summary>
public sealed record SessionMetric(string Name, string? Unit, string Attributes, double Value, DateTimeOffset LastAt);

/// <summary>A tool that a session has used, with the labels that policy gives it: what taints the session.</summary>
public sealed record UsedTool(string Tool, DateTimeOffset FirstUsedAt, IReadOnlyList<string> Labels);
