using Handrail.Sessions;

namespace Handrail.Ingest;

/// <summary>What a batch adds to a session's totals; takes away where steps go to another session or no longer count.</summary>
internal sealed class SessionChange
{
    public int Steps { get; set; }

    public int Turns { get; set; }

    public int LlmCalls { get; set; }

    public int ToolCalls { get; set; }

    public int Errors { get; set; }

    public long InputTokens { get; set; }

    public long OutputTokens { get; set; }

    public long CachedTokens { get; set; }

    public long CostNanos { get; set; }

    public int UnpricedCalls { get; set; }

    /// <summary>Steps by agent.</summary>
    public Dictionary<string, int> Agents { get; } = new(StringComparer.Ordinal);

    /// <summary>The newest counted model call among the steps that came to the session, and its input tokens.</summary>
    public (DateTimeOffset At, long Tokens)? Context { get; set; }

    /// <summary>The earliest step that came to the session, its agent, and its agent's version.</summary>
    public (DateTimeOffset At, string Agent, string? Version)? Earliest { get; set; }

    /// <summary>When steps that left the session began: what it took from them is to be looked up again.</summary>
    public HashSet<DateTimeOffset> Left { get; } = [];

    public string? EndUser { get; set; }

    /// <summary>When the first of the steps that came to the session was committed.</summary>
    public DateTimeOffset FirstReceivedAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>When the last of them was.</summary>
    public DateTimeOffset LastReceivedAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>What the new steps hint at.</summary>
    public Breakers.LoopSigns Signs { get; set; }

    /// <summary>Steps came that ended lately. What is told of the past only now is no reason to halt anything.</summary>
    public bool Live { get; set; }

    /// <summary>What the trace leaves open whose last step ended last, and when that was.</summary>
    public (SessionPending? What, DateTimeOffset At)? Pending { get; set; }

    /// <summary>A trace of another session that a new step goes on from.</summary>
    public string? LinkedTraceId { get; set; }

    /// <summary>The newest commit's steps are the session's sign of life; steps that only left it are none.</summary>
    public bool Active { get; set; }
}
