namespace Handrail.Sessions;

/// <summary>In what a session's telemetry and the gate disagree.</summary>
public enum DisagreementKind
{
    /// <summary>The agent reported to the gate that an action was carried out, and its telemetry, which tells of other tools, tells of no call of that tool.</summary>
    Untold,

    /// <summary>Telemetry tells of calls of a tool that the policy holds back, and the gate never let one go.</summary>
    PastTheGate,

    /// <summary>The costs that came with model calls are far below what their tokens come to by the price table.</summary>
    UnderPriced,
}

/// <summary>Something in which a session's telemetry and the gate disagree: what each of them says, so that a person sees who is to be asked.</summary>
public sealed record Disagreement
{
    public required DisagreementKind Kind { get; init; }

    /// <summary>The agent whose calls they are; null where it is the session's as a whole.</summary>
    public string? Agent { get; init; }

    /// <summary>As the gate heard it, or telemetry where the gate heard of none.</summary>
    public string? Tool { get; init; }

    /// <summary>How often the gate was told that it was carried out.</summary>
    public int CarriedOut { get; init; }

    /// <summary>How often the gate was asked for it in this session.</summary>
    public int Asked { get; init; }

    /// <summary>How many calls telemetry tells of.</summary>
    public int Calls { get; init; }

    /// <summary>What the sender says the calls cost, in US dollars.</summary>
    public decimal? ReportedUsd { get; init; }

    /// <summary>What their tokens come to by the price table, in US dollars.</summary>
    public decimal? PricedUsd { get; init; }

    public DateTimeOffset FoundAt { get; init; }
}

/// <summary>What is kept of a session's disagreements while there are any.</summary>
public sealed class SessionDisagreement
{
    public required string SessionId { get; set; }

    /// <summary>A list of <see cref="Disagreement"/>.</summary>
    public required string FoundJson { get; set; }

    public DateTimeOffset ChangedAt { get; set; }
}
