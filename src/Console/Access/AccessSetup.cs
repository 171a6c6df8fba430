using System.Security.Claims;
using Handrail.Agents;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>Who may come in, and by which door.</summary>
public static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var limits = (builder.Configuration.GetSection("SignIn").Get<SignInLimits>() ?? new SignInLimits()).Check();
        services.AddAuthentication(IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, SecretAuthentication>(SecretAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, FileAuthentication>(FileAuthentication.SchemeName, null)
            .AddIdentityCookies(cookies =>
            {
                cookies.ApplicationCookie!.Configure(cookie =>
                {
                    cookie.LoginPath = "/sign-in";
                    cookie.ReturnUrlParameter = "returnUrl";
                    cookie.AccessDeniedPath = "/";
                    cookie.Cookie.Name = "handrail";
                    cookie.Cookie.HttpOnly = true;
                    cookie.Cookie.SameSite = SameSiteMode.Lax;
                    cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                    cookie.ExpireTimeSpan = limits.Idle;
                    cookie.SlidingExpiration = true;
                });
                cookies.TwoFactorUserIdCookie!.Configure(cookie =>
                {
                    cookie.Cookie.Name = "handrail-step";
                    cookie.Cookie.HttpOnly = true;
                    cookie.Cookie.SameSite = SameSiteMode.Strict;
                    cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                    cookie.Cookie.Path = "/sign-in";
                    cookie.ExpireTimeSpan = SignInCookies.HalfFor;
                    cookie.SlidingExpiration = false;
                });
            });
        services.AddIdentityCore<Person>().AddRoles<IdentityRole>().AddEntityFrameworkStores<HandrailDb>().AddSignInManager().AddClaimsPrincipalFactory<PersonClaims>();
        services.Configure<SecurityStampValidatorOptions>(options =>
        {
            options.ValidationInterval = FreshSignIn.Every;
            options.OnRefreshingPrincipal = context =>
            {
                if (context.CurrentPrincipal?.FindFirst(PersonClaims.SignInId) is { } signIn)
                {
                    context.NewPrincipal!.Identities.First().AddClaim(signIn.Clone());
                }

                return Task.CompletedTask;
            };
        });
        services.AddAntiforgery(options => options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest);
        services.AddScoped<ISecurityStampValidator, FreshStamp>();
        services.AddScoped<AuthenticationStateProvider, FreshSignIn>();
        services.AddSingleton((builder.Configuration.GetSection("Limits").Get<LimitSettings>() ?? new LimitSettings()).Check()).AddSingleton<CallLimits>().AddSingleton<RefusedKeys>();
        builder.AddKeyProtection();
        services.AddAuthorizationBuilder()
            .AddPolicy(Doors.Agents, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.AgentKey)))
            .AddPolicy(Doors.People, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.Person)))
            .AddPolicy(Doors.Files, p => p.AddAuthenticationSchemes(FileAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.Person)))
            .AddPolicy(Doors.Either, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireAuthenticatedUser());
        services.AddSingleton<IdentifyCaller>().AddSingleton<People>().AddSingleton<Keys>().AddSingleton<Registry>().AddSingleton<Bootstrap>();
        services.AddSingleton<SignIn>().AddSingleton<DemoSignIn>().AddSingleton<Passwords>().AddSingleton<AuthenticatorCodes>().AddSingleton<SecondFactors>().AddSingleton<SignInRules>();
        services.AddSingleton(limits).AddSingleton<OpenSignIns>();
        services.AddScoped<SignInCookies>();
        services.AddSingleton<IPasswordHasher<Person>, PasswordHasher<Person>>();
    }

    /// <summary>Headers, sign-in, rights: in front of every door and page.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseBodyLimits();
        app.UseProviderLimits();
        app.UseAuthentication();
        app.UseOrigin();
        app.UseLimits();
        app.UseAuthorization();
        app.Use((context, next) =>
        {
            // A password that the console made up is changed, and a second factor that is demanded set up, before anything else is seen or done.
            if (!PersonClaims.IsHeld(context.User) || IsOpenToTheHeld(context))
            {
                return next(context);
            }

            if (HttpMethods.IsGet(context.Request.Method) && PageOf(context) is not null)
            {
                context.Response.Redirect("/account");
                return Task.CompletedTask;
            }

            return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, context.User.HasClaim(PersonClaims.MustChangePassword, "true")
                ? "Change the password that the console made up first, on the page /account."
                : "Set up the second factor that is demanded here first, on the page /account.");
        });
    }

    private static bool IsOpenToTheHeld(HttpContext context) =>
        PageOf(context) is { } page ? page == typeof(AccountPage) || page == typeof(SignOutPage) || page == typeof(SignInPage) || page == typeof(CodePage)
        : !context.Request.Path.StartsWithSegments("/_blazor") && (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || IsAskedByKey(context));

    private static Type? PageOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type;

    /// <summary>Who calls by a key is recognised by it alone, whatever cookie comes along.</summary>
    private static bool IsAskedByKey(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy is Doors.Agents or Doors.People or Doors.Either or Doors.Files;

    /// <summary>Counts who calls without a key; by a key it is counted where the key is recognised.</summary>
    private static void UseLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<CallLimits>();
        app.Use((context, next) => Refused(context, limits) is { } refused
            ? Problems.WriteAsync(context, Problems.Status(refused.Kind), refused.Message, retryAfter: refused.RetryAfter)
            : next(context));
    }

    private static Refusal? Refused(HttpContext context, CallLimits limits)
    {
        if (context.GetEndpoint() is { } endpoint
            && (endpoint.Metadata.GetMetadata<NeverLimited>() is not null || endpoint.Metadata.GetMetadata<RefusesInItsOwnWords>() is not null
                || IsAskedByKey(context)))
        {
            return null;
        }

        // By their circuits people stop what runs.
        return context.User.Identity is not { IsAuthenticated: true } ? limits.Anonymous(context)
            : context.Request.Path.StartsWithSegments("/_blazor") ? null
            : limits.Call(context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "");
    }

    /// <summary>Makes the first administrator and the first key, and tells once what it made up.</summary>
    public static async Task BootstrapAsync(this WebApplication app)
    {
        var settings = app.Configuration;

        // A variable that is there and empty, as a script leaves one, is no password that anybody chose.
        string? Set(string name) => settings[name] is { Length: > 0 } value ? value : null;
        var first = await app.Services.GetRequiredService<Bootstrap>().HandleAsync(
            new BootstrapSettings(Set("Bootstrap:AdminPassword"), Set("Bootstrap:AdminToken"), Set("Bootstrap:AgentKey")),
            app.Lifetime.ApplicationStopping);
        if (first is null)
        {
            return;
        }

        var note = "Handrail, first start. Keep this and delete the file.\n\n"
            + $"Sign in as:  {first.Email}\n"
            + (first.Password is null ? "" : $"Password:    {first.Password}\n")
            + (first.AgentKey is null ? "" : $"Agent key:   {first.AgentKey}\n");
        var path = Path.Combine(Directory.CreateDirectory(Setup.DataDirectory(settings)).FullName, "first-run.txt");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new StreamWriter(path, options))
        {
            await file.WriteAsync(note);
        }

        app.Logger.LogInformation("{Note}Also in {Path}", note, path);
    }
}
