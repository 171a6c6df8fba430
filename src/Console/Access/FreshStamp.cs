using System.Security.Claims;
using Handrail.Store;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Handrail.Access;

/// <summary>Looks every few seconds whether a cookie still holds. While the database can't be asked it does: its pages are where agents are stopped.</summary>
public sealed class FreshStamp(IOptions<SecurityStampValidatorOptions> options, SignInManager<Person> signIn, OpenSignIns signIns, ILoggerFactory loggers)
    : SecurityStampValidator<Person>(options, signIn, loggers)
{
    public override async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        try
        {
            await base.ValidateAsync(context);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            // Asked again with the next request.
        }
    }

    protected override async Task<Person?> VerifySecurityStamp(ClaimsPrincipal? principal) =>
        await base.VerifySecurityStamp(principal) is { } person
            && (principal!.FindFirstValue(PersonClaims.SignInId) is not { } id || await signIns.HoldsAsync(person.Id, id, CancellationToken.None))
            ? person
            : null;
}
