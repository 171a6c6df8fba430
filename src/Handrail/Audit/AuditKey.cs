namespace Handrail.Audit;

/// <summary>A key that the heads of days are signed with, and nothing else.</summary>
public sealed class AuditKey
{
    /// <summary>What a head's <c>kid</c> names.</summary>
    public required string Id { get; set; }

    /// <summary>The point on the curve P-256, base64url.</summary>
    public required string X { get; set; }

    public required string Y { get; set; }

    /// <summary>PKCS #8, encrypted by the console's data protection; never leaves the process unencrypted.</summary>
    public required string PrivateProtected { get; set; }

    public DateTimeOffset CreatedAt { get; set; }
}
