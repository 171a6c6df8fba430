namespace Handrail.Audit;

/// <summary>Who did what to what, why and from where; chained, so that a change to any record shows.</summary>
public sealed class AuditRecord
{
    /// <summary>Without gaps, from 1.</summary>
    public long Seq { get; set; }

    public DateTimeOffset At { get; set; }

    public required string Actor { get; set; }

    /// <summary><c>person</c>, <c>agent_key</c> or <c>system</c>.</summary>
    public required string ActorKind { get; set; }

    /// <summary>What was done: <c>handoff.approve</c>, <c>policy.publish</c>, …</summary>
    public required string Act { get; set; }

    /// <summary>To what: <c>handoff:h-1</c>, <c>agent:desk</c>, …</summary>
    public required string Target { get; set; }

    public string? Reason { get; set; }

    public string? BeforeJson { get; set; }

    public string? AfterJson { get; set; }

    /// <summary>Network address of the caller.</summary>
    public string? Address { get; set; }

    public string? CorrelationId { get; set; }

    /// <summary>Hash of the record before; 64 zeros for the first.</summary>
    public required string PreviousHash { get; set; }

    /// <summary>SHA-256 over all other members.</summary>
    public required string Hash { get; set; }
}
