namespace Handrail.Access;

/// <summary>A person's authenticator: what codes are made of (TOTP, RFC 6238), and what signs in where it is lost.</summary>
public sealed class SecondFactor
{
    public required string PersonId { get; set; }

    /// <summary>The secret that the authenticator shares, encrypted by data protection.</summary>
    public required string SecretProtected { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a code first showed that the authenticator has the secret; until then nothing asks for one.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>The time step of the last code that was used, steps of 30 s since 1970: none of it or before is taken again.</summary>
    public long LastStep { get; set; }

    /// <summary>SHA-256 of the recovery codes that are left, hex, a JSON array.</summary>
    public string RecoveryHashesJson { get; set; } = "[]";
}
