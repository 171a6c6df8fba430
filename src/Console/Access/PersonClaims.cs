using System.Security.Claims;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Handrail.Access;

/// <summary>What a sign-in carries: the person, the roles, what is to be done before anything else, and which sign-in it is.</summary>
public sealed class PersonClaims(UserManager<Person> people, RoleManager<IdentityRole> roles, IOptions<IdentityOptions> options, HandrailStore store, SignInRules rules)
    : UserClaimsPrincipalFactory<Person, IdentityRole>(people, roles, options)
{
    public const string MustChangePassword = "handrail:must_change_password";

    public const string MustSetUpSecondFactor = "handrail:must_set_up_second_factor";

    /// <summary>One for each scope of data that the person may see.</summary>
    public const string DataScope = "handrail:data_scope";

    /// <summary>One for each role over some agents alone: a <see cref="Access.LimitedRole"/> as JSON.</summary>
    public const string LimitedRole = "handrail:limited_role";

    /// <summary>Tells one sign-in of a person from another: so that each can be ended.</summary>
    public const string SignInId = "handrail:sign_in";

    public static Claim NewSignIn() => new(SignInId, Guid.NewGuid().ToString("n"));

    /// <summary>True for who has to do something on the account page before anything else is open to them.</summary>
    public static bool IsHeld(ClaimsPrincipal user) => user.HasClaim(MustChangePassword, "true") || user.HasClaim(MustSetUpSecondFactor, "true");

    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(Person user)
    {
        var identity = await base.GenerateClaimsAsync(user);
        if (user.MustChangePassword)
        {
            identity.AddClaim(new Claim(MustChangePassword, "true"));
        }

        if (await store.ReadAsync(db => rules.OwesSecondFactorAsync(db, user.Id, CancellationToken.None), CancellationToken.None))
        {
            identity.AddClaim(new Claim(MustSetUpSecondFactor, "true"));
        }

        identity.AddClaims((JsonText.Read<List<string>>(user.DataScopesJson) ?? []).Select(scope => new Claim(DataScope, scope)));
        identity.AddClaims((JsonText.Read<List<Access.LimitedRole>>(user.LimitedRolesJson) ?? []).Select(role => new Claim(LimitedRole, JsonText.Of(role))));
        return identity;
    }
}
