using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Handrail.Testing;

/// <summary>Whom the provider vouches for.</summary>
public sealed record ProviderAccount(string Subject, string? Email)
{
    public bool EmailVerified { get; init; } = true;

    public string Name { get; init; } = "Mara Lindqvist";

    public IReadOnlyList<string> Groups { get; init; } = [];

    public IReadOnlyList<string> Data { get; init; } = [];
}

/// <summary>
/// A real OpenID Connect provider (OpenIddict) on a port of this machine. Whoever is sent there is <see cref="Account"/>, after a click where it <see cref="Asks"/>.
/// </summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "handrail-console";
    public const string ClientSecret = "provider-client-secret-4f1a9c";

    /// <summary>One pair for all providers of a process: to find an RSA key takes longer than to start a provider.</summary>
    private static readonly (RsaSecurityKey Encryption, RsaSecurityKey Signing) Keys = (NewKey("encryption"), NewKey("signing"));
    private static readonly RsaSecurityKey Foreign = NewKey("foreign");

    private readonly WebApplication _app;
    private readonly SqliteConnection _memory;

    private OpenIdProvider(WebApplication app, SqliteConnection memory, Uri authority) => (_app, _memory, Authority) = (app, memory, authority);

    public Uri Authority { get; }

    public ProviderAccount Account { get; set; } = new("subject-1", "mara@example.com");

    /// <summary>Whether it shows a page with a button before it vouches for anybody.</summary>
    public bool Asks { get; set; }

    /// <summary>The error that it answers in place of a code.</summary>
    public string? Refuses { get; set; }

    /// <summary>What is done to an ID token before it is signed.</summary>
    public Action<OpenIddictServerEvents.GenerateTokenContext>? Forges { get; set; }

    /// <summary>How often somebody was signed out here.</summary>
    public int SignedOut { get; private set; }

    public static async Task<OpenIdProvider> StartAsync()
    {
        var authority = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
        var memory = new SqliteConnection("Data Source=:memory:");
        await memory.OpenAsync();

        // An empty one: the others would take up the console's own settings, which lie beside the tests.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(authority.ToString());
        builder.Services.AddRouting();
        builder.Services.AddDbContext<DbContext>(options => options.UseSqlite(memory).UseOpenIddict());
        OpenIdProvider? provider = null;
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetUserInfoEndpointUris("connect/userinfo").SetEndSessionEndpointUris("connect/logout");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
                server.RegisterScopes(Scopes.Email, Scopes.Profile);
                server.AddEncryptionKey(Keys.Encryption).AddSigningKey(Keys.Signing);
                server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableEndSessionEndpointPassthrough().DisableTransportSecurityRequirement();
                server.AddEventHandler<OpenIddictServerEvents.GenerateTokenContext>(handler => handler
                    .UseInlineHandler(context =>
                    {
                        if (context.TokenType is "id_token" or "urn:ietf:params:oauth:token-type:id_token")
                        {
                            provider!.Forges?.Invoke(context);
                        }

                        return default;
                    })
                    .SetOrder(OpenIddictServerHandlers.Protection.AttachTokenSubject.Descriptor.Order - 500));
            });
        var app = builder.Build();
        app.UseAuthentication();
        provider = new OpenIdProvider(app, memory, authority);
        app.MapMethods("/connect/authorize", ["GET", "POST"], provider.Authorize);
        app.MapMethods("/connect/logout", ["GET", "POST"], provider.SignOut);
        await using (var scope = app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync();
        }

        await app.StartAsync();

        // Its first answer, which on a busy machine takes a while, is nobody's to wait for.
        using var client = new HttpClient();
        await client.GetStringAsync(new Uri(authority, ".well-known/openid-configuration"));
        await client.GetStringAsync(new Uri(authority, ".well-known/jwks"));
        return provider;
    }

    /// <summary>Makes a console known, by the address that browsers have of it.</summary>
    public async Task KnowAsync(Uri console)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(new OpenIddictApplicationDescriptor
        {
            ClientId = ClientId,
            ClientSecret = ClientSecret,
            ConsentType = ConsentTypes.Implicit,
            RedirectUris = { new Uri(console, "/sign-in/provider/callback") },
            PostLogoutRedirectUris = { new Uri(console, "/sign-in") },
            Permissions =
            {
                Permissions.Endpoints.Authorization, Permissions.Endpoints.Token, Permissions.Endpoints.EndSession, Permissions.GrantTypes.AuthorizationCode,
                Permissions.ResponseTypes.Code, Permissions.Scopes.Email, Permissions.Scopes.Profile,
            },
            Requirements = { Requirements.Features.ProofKeyForCodeExchange },
        });
    }

    /// <summary>Another key than the one that the provider tells of.</summary>
    public static SigningCredentials ForeignKey() => new(Foreign, SecurityAlgorithms.RsaSha256);

    private static RsaSecurityKey NewKey(string id) => new(RSA.Create(2048)) { KeyId = id };

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _memory.DisposeAsync();
    }

    private IResult Authorize(HttpContext context)
    {
        if (Refuses is { } error)
        {
            return Results.Forbid(
                new AuthenticationProperties(new Dictionary<string, string?>
                {
                    [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
                    [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "<b>words of the provider</b>",
                }),
                [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        if (Asks && !context.Request.Query.ContainsKey("yes"))
        {
            return Results.Content(
                $"<!doctype html><title>Provider</title><a href=\"{WebUtility.HtmlEncode(context.Request.Path + context.Request.QueryString.ToString())}&amp;yes=1\">Continue as {WebUtility.HtmlEncode(Account.Name)}</a>",
                "text/html");
        }

        var identity = new ClaimsIdentity(TokenValidationParameters.DefaultAuthenticationType, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, Account.Subject).SetClaim(Claims.Name, Account.Name).SetClaim(Claims.Email, Account.Email).SetClaim(Claims.EmailVerified, Account.EmailVerified)
            .SetClaims("groups", [.. Account.Groups]).SetClaims("data", [.. Account.Data]);
        identity.SetScopes(context.GetOpenIddictServerRequest()!.GetScopes());
        identity.SetDestinations(_ => [Destinations.IdentityToken, Destinations.AccessToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private IResult SignOut(HttpContext context)
    {
        SignedOut++;
        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
