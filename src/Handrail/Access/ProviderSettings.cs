namespace Handrail.Access;

/// <summary>A value of the provider's claim, and the role that it gives here.</summary>
public sealed record RoleOfClaim
{
    public string Value { get; init; } = "";

    public string Role { get; init; } = "";

    /// <summary>The team over whose agents it is held; null for every team's. See <see cref="LimitedRole"/>.</summary>
    public string? Team { get; init; }

    /// <summary>The agents over which it is held; null for all of them, or of the team's.</summary>
    public List<string>? Agents { get; init; }

    public bool IsLimited => Team is not null || Agents is not null;

    public LimitedRole Limited => new(Role, Team, Agents);
}

/// <summary>A value of the provider's claim, and the data scope that it gives here.</summary>
public sealed record ScopeOfClaim
{
    public string Value { get; init; } = "";

    public string Scope { get; init; } = "";
}

/// <summary>How people sign in by an OpenID Connect provider, from the section <c>OpenIdConnect</c>; without <see cref="Authority"/> they do not.</summary>
public sealed record ProviderSettings
{
    /// <summary>The provider's address, under which <c>/.well-known/openid-configuration</c> stands.</summary>
    public string? Authority { get; init; }

    public string? ClientId { get; init; }

    /// <summary>None for a client that the provider knows as public: it then shows itself by PKCE alone.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What the button says: Sign in with …</summary>
    public string DisplayName { get; init; } = "single sign-on";

    /// <summary>What is asked for, separated by spaces.</summary>
    public string Scopes { get; init; } = "openid profile email";

    public string EmailClaim { get; init; } = "email";

    public string NameClaim { get; init; } = "name";

    /// <summary>The claim that says what somebody may do, <c>groups</c> or, within a claim that is an object, <c>realm_access.roles</c>; null where roles are given here.</summary>
    public string? RoleClaim { get; init; }

    /// <summary>Which values give which roles; without any, values that are names of roles give those.</summary>
    public List<RoleOfClaim> Roles { get; init; } = [];

    /// <summary>The claim that says whose data somebody may see; null where scopes are given here.</summary>
    public string? DataScopeClaim { get; init; }

    /// <summary>Which values give which scopes; without any, the values are the scopes.</summary>
    public List<ScopeOfClaim> DataScopes { get; init; } = [];

    /// <summary>Whether who signs in for the first time is made a person here.</summary>
    public bool CreatePeople { get; init; } = true;

    /// <summary>Whether who signs in for the first time may be somebody who is here already by the same address, where the provider says that it is verified.</summary>
    public bool LinkByEmail { get; init; }

    /// <summary>Whether people may sign in by a password of this console as well.</summary>
    public bool LocalPasswords { get; init; } = true;

    /// <summary>Whether signing out here signs out at the provider too, where it has a page for that.</summary>
    public bool SignOutAtProvider { get; init; } = true;

    public bool IsOn => Authority is not null;

    /// <exception cref="InvalidOperationException">Something is missing or wrong; the message names the setting.</exception>
    public ProviderSettings Check()
    {
        if (Authority is null)
        {
            return this;
        }

        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var address) || address.Query.Length > 0 || address.Fragment.Length > 0
            || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            throw Wrong(nameof(Authority), $"is '{Authority}'; it must be an https address, such as https://login.example.com/realms/house.");
        }

        Demand(nameof(ClientId), ClientId);
        Demand(nameof(DisplayName), DisplayName);
        Demand(nameof(EmailClaim), EmailClaim);
        Demand(nameof(NameClaim), NameClaim);
        if (!Scopes.Split(' ').Contains("openid", StringComparer.Ordinal))
        {
            throw Wrong(nameof(Scopes), $"is '{Scopes}'; it must have openid.");
        }

        for (var i = 0; i < Roles.Count; i++)
        {
            Demand($"Roles:{i}:Value", Roles[i].Value);
            if (!Permissions.Roles.Contains(Roles[i].Role))
            {
                throw Wrong($"Roles:{i}:Role", $"is '{Roles[i].Role}'; it must be one of {string.Join(", ", Permissions.Roles)}.");
            }

            if (Roles[i].IsLimited && Roles[i].Limited.Wrong().FirstOrDefault() is { } wrong)
            {
                throw Wrong($"Roles:{i}", wrong);
            }
        }

        for (var i = 0; i < DataScopes.Count; i++)
        {
            Demand($"DataScopes:{i}:Value", DataScopes[i].Value);
            Demand($"DataScopes:{i}:Scope", DataScopes[i].Scope);
        }

        return Roles.Count > 0 && RoleClaim is null ? throw Wrong(nameof(RoleClaim), "is missing, while Roles say what its values give.")
            : DataScopes.Count > 0 && DataScopeClaim is null ? throw Wrong(nameof(DataScopeClaim), "is missing, while DataScopes say what its values give.")
            : this;
    }

    private static void Demand(string setting, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw Wrong(setting, "is missing.");
        }
    }

    private static InvalidOperationException Wrong(string setting, string what) => new($"OpenIdConnect:{setting} {what}");
}
