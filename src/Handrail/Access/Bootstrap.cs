using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>Secrets that an operator set for the first start; null ones are made up.</summary>
public sealed record BootstrapSettings(string? AdminPassword, string? AdminToken, string? AgentKey);

/// <summary>What the first start made up, to be told once.</summary>
public sealed record FirstRun(string Email, string? Password, string? AgentKey);

/// <summary>The first start on an empty database: one administrator, one agent key.</summary>
public sealed class Bootstrap(HandrailStore store, IPasswordHasher<Person> hasher)
{
    public const string AdminEmail = "admin@localhost";

    /// <summary>Null when there was nothing to do, or everything was set by the operator.</summary>
    public Task<FirstRun?> HandleAsync(BootstrapSettings settings, CancellationToken cancel) => store.WriteAsync<FirstRun?>(
        async unit =>
        {
            // Two processes may start at once on one database: the second finds the role that the first one made.
            if (await unit.Db.Users.AnyAsync(cancel) || await unit.Db.AgentKeys.AnyAsync(cancel))
            {
                return null;
            }

            var password = settings.AdminPassword ?? Secrets.New("")[..20];
            var admin = People.Add(unit.Db, hasher, AdminEmail, new PersonChange("Administrator", null, null, password), unit.Now);
            admin.MustChangePassword = settings.AdminPassword is null;
            await People.SetRolesAsync(unit.Db, admin, [Permissions.Administrator], cancel);
            if (settings.AdminToken is { } token)
            {
                People.AddToken(unit.Db, admin, "first start", token, null, unit.Now);
            }

            var key = settings.AgentKey ?? Secrets.New(Secrets.AgentPrefix);
            Keys.Add(unit.Db, "first start", null, null, key, "first start", null, unit.Now);
            unit.Record(new AuditEntry(Caller.System, "console.first_start", $"person:{AdminEmail}"));
            return settings is { AdminPassword: not null, AgentKey: not null }
                ? null
                : new FirstRun(AdminEmail, settings.AdminPassword is null ? password : null, settings.AgentKey is null ? key : null);
        },
        cancel);
}
