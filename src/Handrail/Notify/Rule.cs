using Handrail.Store;

namespace Handrail.Notify;

/// <summary>Which notices go to which channel, and when.</summary>
public sealed class NotificationRule
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    public required string ChannelId { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary><see cref="RuleTerms"/> as JSON.</summary>
    public required string TermsJson { get; set; }

    public int Version { get; set; } = 1;

    public DateTimeOffset ChangedAt { get; set; }

    public required string ChangedBy { get; set; }

    public RuleTerms Terms => JsonText.Read<RuleTerms>(TermsJson)!;
}

/// <summary>What a rule asks of a notice. Members that are empty ask nothing.</summary>
public sealed record RuleTerms
{
    public IReadOnlyList<NoticeKind> Kinds { get; init; } = [];

    /// <summary>Agents' names; <c>*</c> stands for any run of characters. With any named, what concerns the whole fleet does not match.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>The one role that the matter was put before.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Only what is about at least this much, in <see cref="Currency"/>.</summary>
    public decimal? MinAmount { get; init; }

    public string? Currency { get; init; }

    /// <summary>0 for at once; more for the next step, taken when nobody has acknowledged by then.</summary>
    public int AfterMinutes { get; init; }

    public QuietHours? Quiet { get; init; }
}

/// <summary>Hours of a place in which nobody is to be told.</summary>
public sealed record QuietHours
{
    /// <summary>An IANA name, such as <c>Europe/Berlin</c>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Local time at which they begin.</summary>
    public required TimeOnly From { get; init; }

    /// <summary>Local time at which they end, on the next day where it is not after <see cref="From"/>.</summary>
    public required TimeOnly To { get; init; }

    /// <summary>The days on which they begin; none for every day.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    /// <summary>True to say nothing at all; false to tell at their end what is still open then.</summary>
    public bool Drop { get; init; }
}
