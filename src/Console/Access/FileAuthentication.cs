using System.Security.Claims;
using System.Text.Encodings.Web;
using Handrail.Shell;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Handrail.Access;

/// <summary>
/// Who fetches a file: a person by personal token, or by the sign-in of the page whose link is followed, for which a browser sends no token. For what only reads.
/// </summary>
public sealed class FileAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, CallLimits limits)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "File";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var bySecret = await Context.AuthenticateAsync(SecretAuthentication.SchemeName);
        if (!bySecret.None)
        {
            return bySecret;
        }

        var signIn = (await Context.AuthenticateAsync(IdentityConstants.ApplicationScheme)).Principal;
        if (signIn is null || PersonClaims.IsHeld(signIn) || CurrentCaller.Of(signIn) is not { } caller)
        {
            return AuthenticateResult.NoResult();
        }

        if (limits.Call(caller.Id) is { } tooMany)
        {
            return AuthenticateResult.Fail(tooMany);
        }

        Context.SetCaller(caller with { Address = Context.Connection.RemoteIpAddress?.ToString(), CorrelationId = Context.TraceIdentifier });
        return AuthenticateResult.Success(new AuthenticationTicket(
            new ClaimsPrincipal(new ClaimsIdentity(
                [new Claim(ClaimTypes.NameIdentifier, caller.Id), new Claim(ClaimTypes.Name, caller.Name), new Claim(SecretAuthentication.KindClaim, caller.Kind.ToString())], SchemeName)),
            SchemeName));
    }

    /// <summary>In the API's words: who follows a link to a file is not sent to the sign-in page in its place.</summary>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if ((await HandleAuthenticateOnceSafeAsync()).Failure is Refusal refused)
        {
            await Problems.WriteAsync(Context, Problems.Status(refused.Kind), refused.Message, retryAfter: refused.RetryAfter);
            return;
        }

        await Context.ChallengeAsync(SecretAuthentication.SchemeName);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Context.ForbidAsync(SecretAuthentication.SchemeName);
}
