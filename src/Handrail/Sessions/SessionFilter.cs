namespace Handrail.Sessions;

/// <summary>What a list of sessions is narrowed by; null and empty members narrow nothing.</summary>
public sealed record SessionFilter
{
    public IReadOnlyCollection<SessionState> States { get; init; } = [];

    /// <summary>What it is at; one with states as well meets both.</summary>
    public IReadOnlyCollection<SessionActivity> Activities { get; init; } = [];

    /// <summary>What a person is to look at it for.</summary>
    public SessionMark? Mark { get; init; }

    /// <summary>The user on whose behalf it works, whole.</summary>
    public string? User { get; init; }

    /// <summary>An agent that worked in the session, not only the one it belongs to.</summary>
    public string? Agent { get; init; }

    /// <summary>Stands in the id, the title or the user, whatever its case; taken as it is, without wildcards.</summary>
    public string? Text { get; init; }

    /// <summary>Last active at this moment or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Last active before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    public decimal? MinCostUsd { get; init; }
}

/// <summary>What was noticed of a session that a person is to look at.</summary>
public enum SessionMark
{
    /// <summary>Its telemetry and the gate disagree.</summary>
    Disagrees,

    /// <summary>It may have gone around an action that was refused.</summary>
    Bypass,
}

/// <summary>What a list of sessions is ordered by.</summary>
public enum SessionSort
{
    LastActivityAt,
    StartedAt,
    CostUsd,
    Steps,
    Turns,

    /// <summary>In and out.</summary>
    Tokens,
    ContextTokens,

    /// <summary>How soon somebody should look: waiting for a person before running, running before what is over.</summary>
    State,
    Agent,

    /// <summary>The title, or the id of a session that has none.</summary>
    Title,
}

/// <summary>An order and its direction: the newest, the most or the most urgent first, words from the end of the alphabet, unless it ascends.</summary>
public readonly record struct SessionOrder(SessionSort By, bool Ascending = false)
{
    public static implicit operator SessionOrder(SessionSort by) => new(by);
}

/// <summary>A page of sessions and where the next one starts.</summary>
public sealed record SessionPage(IReadOnlyList<SessionReading> Items, string? NextCursor);
