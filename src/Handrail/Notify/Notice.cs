namespace Handrail.Notify;

/// <summary>What there is to tell of. The words are what rules name and receivers read.</summary>
public enum NoticeKind
{
    /// <summary>An agent waits for a person: an approval, a question, an escalation.</summary>
    HandoffOpened,

    /// <summary>Nobody decided in time, and the matter went to another role.</summary>
    HandoffEscalated,

    /// <summary>The time to decide is nearly over.</summary>
    DeadlineNear,

    /// <summary>Nobody decided in time, and the matter is over.</summary>
    HandoffExpired,

    HandoffDecided,

    /// <summary>What went without a person is to be looked at afterwards.</summary>
    SampleOpened,

    BreakerTripped,

    /// <summary>An order was not acknowledged in time.</summary>
    NotObeyed,

    Paused,

    Resumed,

    Stopped,

    TakenOver,

    HandedBack,

    /// <summary>A tool or an action type was switched off over the fleet.</summary>
    SwitchedOff,

    SwitchedOn,

    PolicyPublished,

    /// <summary>A part of the console itself does not do its work.</summary>
    ConsoleUnwell,

    /// <summary>A budget of the fleet or of an agent is nearly, or wholly, spent.</summary>
    BudgetReached,

    /// <summary>An administrator tries a channel.</summary>
    Test,
}

/// <summary>How much it matters, in the words of PagerDuty's Events API.</summary>
public enum NoticeSeverity
{
    Info,
    Warning,
    Error,
    Critical,
}

/// <summary>
/// A row of the outbox: something happened of which people or systems outside are to be told. It is written in the transaction of the
/// deed that it tells of, and holds our own fields alone: nothing of what an agent said in its own words.
/// </summary>
public sealed class Notice
{
    public required string Id { get; set; }

    public NoticeKind Kind { get; set; }

    /// <summary>What the notice is about, the same for all notices of one matter: <c>handoff:ID</c>, <c>session:ID</c>, a breaker's trip.</summary>
    public required string Cause { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>When the rules were asked whom to tell; null as long as they were not.</summary>
    public DateTimeOffset? RoutedAt { get; set; }

    public NoticeSeverity Severity { get; set; }

    /// <summary>Null for what concerns the whole fleet.</summary>
    public string? Agent { get; set; }

    public string? SessionId { get; set; }

    public string? HandoffId { get; set; }

    public string? HandoffKind { get; set; }

    /// <summary>The type of the action that waits.</summary>
    public string? Type { get; set; }

    public decimal? Amount { get; set; }

    public string? Currency { get; set; }

    public string? Risk { get; set; }

    /// <summary>The one role that may decide; null when every reviewer may.</summary>
    public string? Role { get; set; }

    /// <summary>Who did it, where a person did.</summary>
    public string? By { get; set; }

    /// <summary>How it ended: <c>approved</c>, <c>rejected</c>.</summary>
    public string? Outcome { get; set; }

    /// <summary>What it was done to or by, beside agent and session: <c>fleet</c>, <c>tool send_mail</c>, a breaker's name.</summary>
    public string? Subject { get; set; }

    /// <summary>The figure behind it in our own words: "cost_usd 2.14 of 2.00".</summary>
    public string? Figure { get; set; }

    public int? PolicyVersion { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }
}
