using Handrail.Agents;
using Handrail.Shell;
using Handrail.Store;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace Handrail.Access;

/// <summary>Who may come in, and by which door.</summary>
public static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddAuthentication(IdentityConstants.ApplicationScheme)
            .AddScheme<AuthenticationSchemeOptions, SecretAuthentication>(SecretAuthentication.SchemeName, null)
            .AddIdentityCookies();
        services.AddIdentityCore<Person>().AddRoles<IdentityRole>().AddEntityFrameworkStores<HandrailDb>().AddSignInManager();
        services.AddDataProtection().PersistKeysToDbContext<HandrailDb>().SetApplicationName("Handrail");
        services.AddAuthorizationBuilder()
            .AddPolicy(Doors.Agents, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.AgentKey)))
            .AddPolicy(Doors.People, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireClaim(SecretAuthentication.KindClaim, nameof(CallerKind.Person)))
            .AddPolicy(Doors.Either, p => p.AddAuthenticationSchemes(SecretAuthentication.SchemeName).RequireAuthenticatedUser());
        services.AddSingleton<IdentifyCaller>().AddSingleton<People>().AddSingleton<Keys>().AddSingleton<Registry>().AddSingleton<Bootstrap>();
        services.AddSingleton<IPasswordHasher<Person>, PasswordHasher<Person>>();
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
