namespace Handrail.Notify;

public enum DeliveryStatus
{
    Pending,
    Delivered,

    /// <summary>Given up after a day, or refused for good: a person may look at it and send it again.</summary>
    Dead,

    /// <summary>Not sent, because it was over or seen to before it was due.</summary>
    Skipped,
}

public enum DeliveryEvent
{
    Trigger,
    Acknowledge,
    Resolve,
}

/// <summary>One notice to one channel. Its id goes with every attempt, so that a receiver can tell a repetition.</summary>
public sealed class Delivery
{
    /// <summary>The <c>webhook-id</c>; the same for every attempt, also when a person sends it again.</summary>
    public required string Id { get; set; }

    public required string NoticeId { get; set; }

    public required string ChannelId { get; set; }

    /// <summary>The rule that says so; null for what follows an earlier delivery, and for a test.</summary>
    public string? RuleName { get; set; }

    public DeliveryEvent Event { get; set; }

    /// <summary>Minutes after the notice that the rule names: the step of an escalation.</summary>
    public int Step { get; set; }

    /// <summary>Only as long as nobody has acknowledged it, or it waits for the end of quiet hours.</summary>
    public bool OnlyWhileOpen { get; set; }

    public DeliveryStatus Status { get; set; }

    public int Attempts { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When it is first due, or due again.</summary>
    public DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>An attempt that fails from here on is the last.</summary>
    public DateTimeOffset GiveUpAt { get; set; }

    public DateTimeOffset? AttemptedAt { get; set; }

    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>What the last attempt failed of, in our own words: never what the other end said.</summary>
    public string? LastError { get; set; }

    /// <summary>The HTTP or SMTP status of the last attempt; null when there was no answer.</summary>
    public int? LastStatus { get; set; }
}
