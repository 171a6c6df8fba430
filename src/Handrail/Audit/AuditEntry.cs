using Handrail.Access;

namespace Handrail.Audit;

/// <summary>What is to be recorded of a deed; number, time and chain are added when it is written.</summary>
public sealed record AuditEntry(Caller By, string Act, string Target)
{
    public string? Reason { get; init; }

    /// <summary>Serialised as JSON. Never a secret.</summary>
    public object? Before { get; init; }

    public object? After { get; init; }
}
