using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>The cookies that signing in gives: one that opens the console, and before it one that opens nothing but the second step.</summary>
public sealed class SignInCookies(SignInManager<Person> manager, OpenSignIns signIns)
{
    /// <summary>How long a code may take after the password.</summary>
    public static readonly TimeSpan HalfFor = TimeSpan.FromMinutes(5);

    private const string Stamp = "handrail:stamp";

    /// <summary>Signs in. A session that began as somebody else does not go on as this person.</summary>
    /// <param name="by">What the person showed, for the list of open sign-ins.</param>
    /// <param name="idToken">The provider's, by which it knows later who signs out; null where there is none.</param>
    public async Task EnterAsync(HttpContext context, string personId, string by, string? idToken = null)
    {
        await context.SignOutAsync(IdentityConstants.ApplicationScheme);
        await context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        var person = await manager.UserManager.FindByIdAsync(personId) ?? throw Refusal.NotFound("such person");
        var properties = new AuthenticationProperties();
        if (idToken is not null)
        {
            properties.StoreTokens([new AuthenticationToken { Name = "id_token", Value = idToken }]);
        }

        var signIn = PersonClaims.NewSignIn();
        await signIns.BeginAsync(personId, signIn.Value, by, context.Connection.RemoteIpAddress?.ToString(), context.Request.Headers.UserAgent.ToString(), context.RequestAborted);
        await manager.SignInWithClaimsAsync(person, properties, [signIn]);
    }

    /// <summary>Remembers that the password was right.</summary>
    public static Task HoldAsync(HttpContext context, HalfSignedIn half) => context.SignInAsync(
        IdentityConstants.TwoFactorUserIdScheme,
        new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, half.PersonId), new Claim(Stamp, half.Stamp)], IdentityConstants.TwoFactorUserIdScheme)));

    /// <summary>Whose password was right a moment ago; null where nobody's was.</summary>
    public static async Task<HalfSignedIn?> HeldAsync(HttpContext context) =>
        (await context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Principal is { } half
            && half.FindFirstValue(ClaimTypes.NameIdentifier) is { } id && half.FindFirstValue(Stamp) is { } stamp
            ? new HalfSignedIn(id, stamp)
            : null;
}
