namespace Handrail.Grants;

/// <summary>A key that grants are signed with: its public half for whoever verifies, its private half encrypted.</summary>
public sealed class GrantKey
{
    /// <summary>What a grant's <c>kid</c> names.</summary>
    public required string Id { get; set; }

    /// <summary>The point on the curve P-256, base64url.</summary>
    public required string X { get; set; }

    public required string Y { get; set; }

    /// <summary>PKCS #8, encrypted by the console's data protection; never leaves the process unencrypted.</summary>
    public required string PrivateProtected { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Signs from here on: later than its making, so that verifiers that keep the list of keys for a while know it by then.</summary>
    public DateTimeOffset SignsFrom { get; set; }

    /// <summary>Until when it is listed and its grants hold; null while no newer key has taken over.</summary>
    public DateTimeOffset? TrustedUntil { get; set; }
}
