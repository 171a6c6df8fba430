namespace Handrail.Sessions;

/// <summary>What a list of sessions is narrowed by; null and empty members narrow nothing.</summary>
public sealed record SessionFilter
{
    public IReadOnlyCollection<SessionState> States { get; init; } = [];

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

/// <summary>What a list of sessions is ordered by; always the newest or the most first.</summary>
public enum SessionSort
{
    LastActivityAt,
    StartedAt,
    CostUsd,
    Steps,
}

/// <summary>A page of sessions and where the next one starts.</summary>
public sealed record SessionPage(IReadOnlyList<SessionReading> Items, string? NextCursor);
