using Handrail.Access;

namespace Handrail.Audit;

/// <summary>What is to be recorded of a deed; number, time and chain are added when it is written.</summary>
public sealed record AuditEntry(Caller By, string Act, string Target)
{
    public string? Reason { get; init; }

    /// <summary>Serialised as JSON. Never a secret.</summary>
    public object? Before { get; init; }

    public object? After { get; init; }

    /// <summary>True for what denies, pauses, stops, revokes or locks out: it happens also while the audit trail can't be written, and its record is owed.</summary>
    public bool Tightens { get; init; }

    /// <summary>When the deed was done, where that was before its record can be written; null for now.</summary>
    internal DateTimeOffset? At { get; init; }
}
