namespace Handrail.Notify;

public enum AlertState
{
    /// <summary>Nobody has said yet that they see to it.</summary>
    Open,
    Acknowledged,
    Resolved,
}

/// <summary>Something that wants a person, one for each cause: however often it is told of, it is acknowledged and resolved once.</summary>
public sealed class Alert
{
    public required string Id { get; set; }

    public required string Cause { get; set; }

    /// <summary>The notice that opened it, or opened it again.</summary>
    public required string NoticeId { get; set; }

    public NoticeKind Kind { get; set; }

    public AlertState State { get; set; }

    public NoticeSeverity Severity { get; set; }

    public string? Agent { get; set; }

    public string? SessionId { get; set; }

    public string? HandoffId { get; set; }

    public DateTimeOffset OpenedAt { get; set; }

    public string? AcknowledgedBy { get; set; }

    public DateTimeOffset? AcknowledgedAt { get; set; }

    public string? ResolvedBy { get; set; }

    public DateTimeOffset? ResolvedAt { get; set; }

    /// <summary>True as long as those who were told of the alert were not yet told that it is acknowledged or resolved.</summary>
    public bool Untold { get; set; }
}
