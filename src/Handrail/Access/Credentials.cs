using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>A person who may sign in. The e-mail address is the user name.</summary>
public sealed class Person : IdentityUser
{
    public string? DisplayName { get; set; }

    /// <summary>Data scopes the person holds, a JSON array.</summary>
    public string DataScopesJson { get; set; } = "[]";

    /// <summary>Roles that the person holds over some agents alone, a JSON array of <see cref="LimitedRole"/>.</summary>
    public string LimitedRolesJson { get; set; } = "[]";

    /// <summary>The first password is to be changed at the first sign-in.</summary>
    public bool MustChangePassword { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }
}

/// <summary>A key that agents call with. The secret itself is stored nowhere.</summary>
public sealed class AgentKey
{
    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>SHA-256 of the key, hex.</summary>
    public required string Hash { get; set; }

    public required string Team { get; set; }

    /// <summary>Agents the key is limited to, a JSON array; null for all of the team's.</summary>
    public string? AgentsJson { get; set; }

    public required string CreatedBy { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }
}

/// <summary>A token that acts as its person.</summary>
public sealed class PersonalToken
{
    public required string Id { get; set; }

    public required string PersonId { get; set; }

    public required string Name { get; set; }

    /// <summary>SHA-256 of the token, hex.</summary>
    public required string Hash { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }
}
