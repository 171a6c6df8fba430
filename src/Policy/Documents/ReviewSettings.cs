namespace Handrail.Policy;

/// <summary>How people decide what comes to them; null is what the document leaves open.</summary>
public sealed record ReviewSettings
{
    /// <summary>After how many seconds <see cref="OnTimeout"/> follows.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>What silence means. It never means consent.</summary>
    public TimeoutOutcome? OnTimeout { get; init; }

    /// <summary>The role that is asked next, where silence escalates.</summary>
    public string? EscalateTo { get; init; }

    /// <summary>How many different people must approve.</summary>
    public int? Approvals { get; init; }

    /// <summary>The amount above which two people must approve.</summary>
    public Money? TwoPersonOver { get; init; }

    /// <summary>The risk from which on two people must approve.</summary>
    public Risk? TwoPersonRisk { get; init; }

    /// <summary>Whether the user on whose behalf the agent acts may not be the one who approves.</summary>
    public bool? ForbidSelfApproval { get; init; }

    /// <summary>The share, from 0 to 1, of allowed actions that a person looks at afterwards.</summary>
    public decimal? SampleRate { get; init; }
}

/// <summary>What follows when nobody decides in time, from least to most restrictive.</summary>
public enum TimeoutOutcome
{
    /// <summary>Somebody else is asked, with a new deadline.</summary>
    Escalate,

    /// <summary>It waits for ever.</summary>
    Hold,

    /// <summary>It is rejected.</summary>
    Reject,
}

/// <summary>An amount in a currency.</summary>
/// <param name="Amount">The amount.</param>
/// <param name="Currency">ISO 4217 letters.</param>
public sealed record Money(decimal Amount, string Currency);
