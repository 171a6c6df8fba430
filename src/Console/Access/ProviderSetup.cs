using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>Signing in by an OpenID Connect provider: authorization code with PKCE.</summary>
public static class ProviderSetup
{
    public const string Scheme = "OpenIdConnect";

    /// <summary>Where the button leads, and from there to the provider.</summary>
    public const string StartPath = "/sign-in/provider";

    /// <summary>Where the provider sends people back to; it has to know this address.</summary>
    public const string CallbackPath = "/sign-in/provider/callback";

    /// <summary>How long somebody may take at the provider.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public static void AddProvider(this WebApplicationBuilder builder)
    {
        var settings = Read(builder.Configuration);
        builder.Services.AddSingleton(settings).AddSingleton<ProviderSignIn>().AddSingleton<ProviderSignOut>();
        if (!settings.IsOn)
        {
            return;
        }

        builder.Services.AddScoped<ProviderEvents>();

        // At more talkative levels it writes the states, codes and cookies of the round trip.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Authentication.OpenIdConnect", LogLevel.Information);
        builder.Services.AddAuthentication().AddOpenIdConnect(Scheme, settings.DisplayName, options =>
        {
            options.Authority = settings.Authority;
            options.ClientId = settings.ClientId;
            options.ClientSecret = settings.ClientSecret;
            options.RequireHttpsMetadata = settings.Authority!.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            options.ResponseType = "code";

            // Back by a link, so that the cookies of the round trip need not be sent with requests of other sites.
            options.ResponseMode = "query";
            options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
            options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.RemoteAuthenticationTimeout = options.ProtocolValidator.NonceLifetime = Patience;
            options.UsePkce = true;
            options.Scope.Clear();
            foreach (var scope in settings.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                options.Scope.Add(scope);
            }

            options.MapInboundClaims = false;
            options.GetClaimsFromUserInfoEndpoint = true;
            options.ClaimActions.Clear();
            foreach (var claim in ProviderClaims.Read(settings))
            {
                options.ClaimActions.MapJsonKey(claim, claim);
            }

            options.TokenValidationParameters.ClockSkew = ClockSkew;
            options.BackchannelTimeout = TimeSpan.FromSeconds(30);
            options.SaveTokens = true;
            options.SignInScheme = IdentityConstants.ExternalScheme;
            options.CallbackPath = CallbackPath;

            // A link elsewhere must not sign anybody out.
            options.RemoteSignOutPath = default;
            options.SignedOutCallbackPath = default;
            options.EventsType = typeof(ProviderEvents);
        });
    }

    /// <summary>Counts answers that are none of the provider's: authentication reads them before other limits look.</summary>
    public static void UseProviderLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<CallLimits>();
        app.Use((context, next) => context.Request.Path == CallbackPath && limits.TrySignIn(context) is { } refused
            ? Shell.Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, refused.Message, retryAfter: refused.RetryAfter)
            : next(context));
    }

    public static void MapProvider(this WebApplication app)
    {
        if (app.Services.GetRequiredService<ProviderSettings>().IsOn)
        {
            app.MapGet(StartPath, StartAsync).AllowAnonymous().ExcludeFromDescription();
        }
    }

    /// <summary>The sign-in page, saying what went wrong in words of this console.</summary>
    public static string PathWith(ProviderProblem problem, string? returnUrl)
    {
        var query = new QueryBuilder { { "problem", Store.EnumText<ProviderProblem>.Of(problem) } };
        if (LocalPath.Of(returnUrl) is not "/" and var path)
        {
            query.Add("returnUrl", path);
        }

        return "/sign-in" + query.ToQueryString();
    }

    private static async Task StartAsync(HttpContext context, string? returnUrl, ILogger<ProviderEvents> log)
    {
        try
        {
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = LocalPath.Of(returnUrl) });
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or TaskCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            log.LogWarning(e, "The OpenID Connect provider could not be asked where people sign in");
            context.Response.Redirect(PathWith(ProviderProblem.Unreachable, returnUrl));
        }
    }

    /// <exception cref="InvalidOperationException">A setting is missing or wrong, or there is none of its name.</exception>
    private static ProviderSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("OpenIdConnect");
        var known = typeof(ProviderSettings).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).ToList();
        var named = section.GetChildren().Select(c => c.Key).ToList();
        if (named.Find(key => !known.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new InvalidOperationException($"OpenIdConnect:{unknown} is no setting; there are {string.Join(", ", known)}.");
        }

        var settings = section.Get<ProviderSettings>() ?? new ProviderSettings();

        // A variable that is there and empty, as a script leaves one, says nothing.
        static string? Set(string? value) => value is { Length: > 0 } ? value : null;
        settings = settings with
        {
            Authority = Set(settings.Authority),
            ClientSecret = Set(settings.ClientSecret),
            RoleClaim = Set(settings.RoleClaim),
            DataScopeClaim = Set(settings.DataScopeClaim),
        };
        return settings.IsOn || named.Count == 0 ? settings.Check() : throw new InvalidOperationException("OpenIdConnect:Authority is missing, while other settings of it are there.");
    }
}
