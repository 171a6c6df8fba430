using Handrail.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Handrail.Access;

/// <summary>What becomes of a provider's answer: a sign-in here, or the sign-in page with the reason.</summary>
public sealed class ProviderEvents(ProviderSignIn door, SignInCookies cookies, ProviderSettings settings, CallLimits limits, ILogger<ProviderEvents> log) : OpenIdConnectEvents
{
    private const string Issuer = "handrail:issuer";

    public override Task TokenValidated(TokenValidatedContext context)
    {
        // Checked against the provider's own word; claims from elsewhere can't change it.
        context.Properties!.Items[Issuer] = context.SecurityToken.Issuer;
        return Task.CompletedTask;
    }

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        var identity = ProviderClaims.Identity(context.Principal!, context.Properties!.Items[Issuer]!, settings);
        ProviderAnswer answer;
        try
        {
            answer = await door.HandleAsync(identity, Address(context.HttpContext), context.HttpContext.TraceIdentifier, context.HttpContext.RequestAborted);
        }
        catch (Exception e) when (e is Refusal || StorageFault.Is(e))
        {
            // Neither the database nor the audit trail may be passed by.
            log.LogWarning(e, "Nobody can be signed in now");
            await Shell.Problems.WriteAsync(context.HttpContext, StatusCodes.Status503ServiceUnavailable, "Nobody can be signed in now; try again in a moment.");
            context.HandleResponse();
            return;
        }

        if (answer.Refused is { } refused)
        {
            context.Response.Redirect(ProviderSetup.PathWith(ProviderProblems.Of(refused), context.ReturnUri));
        }
        else
        {
            await cookies.EnterAsync(context.HttpContext, answer.PersonId!, "openid_connect", settings.SignOutAtProvider ? context.Properties!.GetTokenValue("id_token") : null);
            context.Response.Redirect(LocalPath.Of(context.ReturnUri));
        }

        context.HandleResponse();
    }

    public override async Task AccessDenied(AccessDeniedContext context)
    {
        await FailAsync(context.HttpContext, ProviderProblem.Denied, context.ReturnUrl);
        context.HandleResponse();
    }

    public override async Task RemoteFailure(RemoteFailureContext context)
    {
        var problem = ProviderProblems.Of(context.Failure);
        if (problem is ProviderProblem.Unreachable or ProviderProblem.Untrusted or ProviderProblem.Misconfigured)
        {
            log.LogWarning(context.Failure, "A sign-in by OpenID Connect failed: {Problem}", problem);
        }

        await FailAsync(context.HttpContext, problem, context.Properties?.RedirectUri);
        context.HandleResponse();
    }

    private async Task FailAsync(HttpContext context, ProviderProblem problem, string? returnUrl)
    {
        limits.SignIn(context);
        try
        {
            await door.FailedAsync(EnumText<ProviderProblem>.Of(problem), Address(context), context.TraceIdentifier, context.RequestAborted);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            log.LogWarning(e, "That a sign-in failed could not be put on record");
        }

        context.Response.Redirect(ProviderSetup.PathWith(problem, returnUrl));
    }

    private static string? Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();
}
