using System.Security.Claims;
using Handrail.Store;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Handrail.Access;

/// <summary>Looks every few seconds whether a circuit's person may still be here: a right taken away ends what is open.</summary>
public sealed class FreshSignIn(ILoggerFactory loggers, HandrailStore store, SignInRules rules, OpenSignIns signIns, IOptions<IdentityOptions> options)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(4);

    protected override TimeSpan RevalidationInterval => Every;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var user = authenticationState.User;
        var (id, stamp) = (user.FindFirstValue(ClaimTypes.NameIdentifier), user.FindFirstValue(options.Value.ClaimsIdentity.SecurityStampClaimType));
        try
        {
            return await store.ReadAsync(
                async db => await db.Users.AnyAsync(p => p.Id == id && p.SecurityStamp == stamp, cancellationToken)
                    && !await rules.OwesSecondFactorAsync(db, id, cancellationToken),
                cancellationToken)
                && (user.FindFirstValue(PersonClaims.SignInId) is not { } signIn || await signIns.HoldsAsync(id, signIn, cancellationToken));
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // Without the database nobody's right can have been taken away here, and nothing can be done but stop: on-call stays.
            return true;
        }
    }
}
