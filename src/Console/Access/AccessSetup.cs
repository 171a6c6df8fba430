using System.Threading.RateLimiting;
using Handrail.Agents;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>Who may come in, and by which door.</summary>
public static class AccessSetup
{
    /// <summary>Tries to sign in from one network address.</summary>
    private const int SignInsPerMinute = 20;

    /// <summary>A working day, from the last click on.</summary>
    private static readonly TimeSpan SignedInFor = TimeSpan.FromHours(10);

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddAuthentication(IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, SecretAuthentication>(SecretAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, FileAuthentication>(FileAuthentication.SchemeName, null)
            .AddIdentityCookies(cookies => cookies.ApplicationCookie!.Configure(cookie =>
            {
                cookie.LoginPath = "/sign-in";
                cookie.ReturnUrlParameter = "returnUrl";
                cookie.AccessDeniedPath = "/";
                cookie.Cookie.Name = "handrail";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                cookie.ExpireTimeSpan = SignedInFor;
                cookie.SlidingExpiration = true;
            }));
        services.AddIdentityCore<Person>().AddRoles<IdentityRole>().AddEntityFrameworkStores<HandrailDb>().AddSignInManager().AddClaimsPrincipalFactory<PersonClaims>();
        services.Configure<SecurityStampValidatorOptions>(options => options.ValidationInterval = FreshSignIn.Every);
        services.AddScoped<ISecurityStampValidator, FreshStamp>();
        services.AddScoped<AuthenticationStateProvider, FreshSignIn>();
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
                HttpMethods.IsPost(context.Request.Method) && context.Request.Path.StartsWithSegments("/sign-in")
                    ? RateLimitPartition.GetFixedWindowLimiter(
                        context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new FixedWindowRateLimiterOptions { PermitLimit = SignInsPerMinute, Window = TimeSpan.FromMinutes(1) })
                    : RateLimitPartition.GetNoLimiter(""));
            limiter.OnRejected = (context, _) =>
            {
                context.HttpContext.Response.Headers.RetryAfter = "60";
                return ValueTask.CompletedTask;
            };
        });
        services.AddDataProtection().PersistKeysToDbContext<HandrailDb>().SetApplicationName("Handrail");
        services.AddAuthorizationBuilder()
            .AddPolicy(Doors.Agents, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.AgentKey)))
            .AddPolicy(Doors.People, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.Person)))
            .AddPolicy(Doors.Files, p => p.AddAuthenticationSchemes(FileAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.Person)))
            .AddPolicy(Doors.Either, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireAuthenticatedUser());
        services.AddSingleton<IdentifyCaller>().AddSingleton<People>().AddSingleton<Keys>().AddSingleton<Registry>().AddSingleton<Bootstrap>();
        services.AddSingleton<SignIn>().AddSingleton<DemoSignIn>();
        services.AddSingleton<IPasswordHasher<Person>, PasswordHasher<Person>>();
    }

    /// <summary>Headers, sign-in, rights: in front of every door and page.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseOrigin();
        app.UseAuthorization();
        app.Use(async (context, next) =>
        {
            // A password that the console made up is changed before anything else is seen.
            if (context.User.HasClaim(PersonClaims.MustChangePassword, "true") && HttpMethods.IsGet(context.Request.Method)
                && context.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.Components.Endpoints.ComponentTypeMetadata>()?.Type is { } page
                && page != typeof(AccountPage) && page != typeof(SignOutPage))
            {
                context.Response.Redirect("/account");
                return;
            }

            await next();
        });
    }

    /// <summary>Makes the first administrator and the first key, and tells once what it made up.</summary>
    public static async Task BootstrapAsync(this WebApplication app)
    {
        var settings = app.Configuration;
        var first = await app.Services.GetRequiredService<Bootstrap>().HandleAsync(
            new BootstrapSettings(settings["Bootstrap:AdminPassword"], settings["Bootstrap:AdminToken"], settings["Bootstrap:AgentKey"]),
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
