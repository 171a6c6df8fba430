namespace Handrail.Sessions;

/// <summary>A session as a line of the Sessions page: only what the line shows, for it is read often and by the hundred.</summary>
public sealed record SessionLine
{
    public required string Id { get; init; }

    public required SessionState State { get; init; }

    public required string Team { get; init; }

    public required string Agent { get; init; }

    public string? User { get; init; }

    public string? Title { get; init; }

    public int Turns { get; init; }

    public int Steps { get; init; }

    public int Errors { get; init; }

    /// <summary>In and out.</summary>
    public long Tokens { get; init; }

    public long ContextTokens { get; init; }

    /// <summary>Billionths of a US dollar.</summary>
    public long CostNanos { get; init; }

    public int UnpricedCalls { get; init; }

    /// <summary>What it is at, by all that is known of it.</summary>
    public SessionActivity Activity { get; init; }

    /// <summary>Whether its agent does as it was told.</summary>
    public Obedience Obedience { get; init; }

    /// <summary>A breaker has tripped over it that nobody has resumed.</summary>
    public bool Tripped { get; init; }

    /// <summary>Its telemetry and the gate disagree.</summary>
    public bool Disagrees { get; init; }

    /// <summary>Actions by which it may have gone around one that was refused.</summary>
    public int PossibleBypasses { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset LastActivityAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The session that started it.</summary>
    public string? ParentSessionId { get; init; }

    /// <summary>When its process last gave a sign of life that brings nothing forward; null where it gives none.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>What its steps leave open; null where they do not say.</summary>
    public SessionPending? Pending { get; init; }
}

/// <summary>The first lines of a view, and whether there are more.</summary>
public sealed record SessionLines(IReadOnlyList<SessionLine> Lines, bool More);

/// <summary>A place in the order of beginnings: sessions begun later come after it.</summary>
public readonly record struct SessionStart(DateTimeOffset At, string Id);
