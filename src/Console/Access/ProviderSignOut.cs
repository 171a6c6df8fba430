using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Handrail.Access;

/// <summary>Where somebody who signed in by a provider goes to sign out there too.</summary>
public sealed class ProviderSignOut(IOptionsMonitor<OpenIdConnectOptions> options, ILogger<ProviderSignOut> log)
{
    /// <summary>Null for a sign-in of another kind, and where the provider has no such page or does not answer.</summary>
    public async Task<string?> AddressAsync(HttpContext context)
    {
        var provider = options.Get(ProviderSetup.Scheme);
        if (provider.ConfigurationManager is not { } configuration || (await context.AuthenticateAsync(IdentityConstants.ApplicationScheme)).Properties?.GetTokenValue("id_token") is not { } token)
        {
            return null;
        }

        try
        {
            var known = await configuration.GetConfigurationAsync(context.RequestAborted);
            return string.IsNullOrEmpty(known.EndSessionEndpoint) ? null : new OpenIdConnectMessage
            {
                IssuerAddress = known.EndSessionEndpoint,
                ClientId = provider.ClientId,
                IdTokenHint = token,
                PostLogoutRedirectUri = UriHelper.BuildAbsolute(context.Request.Scheme, context.Request.Host, context.Request.PathBase, "/sign-in"),
            }.CreateLogoutRequestUrl();
        }
        catch (InvalidOperationException e)
        {
            log.LogWarning(e, "The OpenID Connect provider could not be asked where people sign out");
            return null;
        }
    }
}
