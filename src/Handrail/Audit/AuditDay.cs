namespace Handrail.Audit;

/// <summary>A day's head: what the chain had come to when the day was over, signed. Whoever keeps heads outside can prove later that the chain was written anew.</summary>
public sealed class AuditDay
{
    /// <summary>In UTC. Days without a record have none.</summary>
    public DateOnly Day { get; set; }

    /// <summary>The last record that it covers, as the head itself says.</summary>
    public long LastSeq { get; set; }

    /// <summary>The head as compact JWS (RFC 7515): see <see cref="AuditHead"/>.</summary>
    public required string Head { get; set; }

    public DateTimeOffset SealedAt { get; set; }
}
