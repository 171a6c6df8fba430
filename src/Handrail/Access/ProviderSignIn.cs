using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>Whom an OpenID Connect provider vouches for. Its tokens have been checked.</summary>
/// <param name="Issuer">With <paramref name="Subject"/> what tells one person from every other; an address may pass to somebody else.</param>
/// <param name="Roles">Null where roles are given here and not by the provider; so are <paramref name="DataScopes"/>.</param>
public sealed record ProviderIdentity(
    string Issuer, string Subject, string? Email, bool EmailVerified, string? Name, IReadOnlyCollection<string>? Roles, IReadOnlyCollection<string>? DataScopes)
{
    /// <summary>Roles over some agents alone; null where these are given here and not by the provider.</summary>
    public IReadOnlyList<LimitedRole>? LimitedRoles { get; init; }

    /// <summary>The provider gives roles, and this person none.</summary>
    public bool HasNoRole => Roles is { Count: 0 } && !(LimitedRoles?.Count > 0);
}

/// <summary>Why somebody whom the provider vouches for is not let in.</summary>
public enum ProviderRefusal
{
    /// <summary>The provider gave no e-mail address.</summary>
    NoAddress,

    /// <summary>Somebody here has the address, and who says that it is the same person is not to be believed.</summary>
    AddressTaken,

    /// <summary>Nobody here, and none are made.</summary>
    Unknown,

    /// <summary>The provider gives no role that counts here.</summary>
    NoRole,
}

/// <summary>Either the person who is in, or why nobody is.</summary>
public sealed record ProviderAnswer(string? PersonId, ProviderRefusal? Refused);

/// <summary>
/// Signs in whom a provider vouches for. What the provider says of roles and data scopes is taken anew each time, so that a right that was lost there is lost here,
/// and what is open with it ends.
/// </summary>
public sealed class ProviderSignIn(HandrailStore store, IPasswordHasher<Person> hasher, ProviderSettings settings)
{
    /// <param name="address">The network address it came from.</param>
    public async Task<ProviderAnswer> HandleAsync(ProviderIdentity identity, string? address, string? correlationId, CancellationToken cancel)
    {
        try
        {
            return await OnceAsync(identity, address, correlationId, cancel);
        }
        catch (DbUpdateException)
        {
            // Two sign-ins made the same person at once: now there is one.
            return await OnceAsync(identity, address, correlationId, cancel);
        }
    }

    /// <summary>Puts on record that a provider's answer was not accepted, of whomever it spoke.</summary>
    /// <param name="why">A word of this console, nothing that came from outside.</param>
    public Task FailedAsync(string why, string? address, string? correlationId, CancellationToken cancel) => store.WriteAsync(
        unit =>
        {
            unit.Record(Failed(Who(null, address, correlationId), "unknown", why));
            return Task.CompletedTask;
        },
        cancel);

    private Task<ProviderAnswer> OnceAsync(ProviderIdentity identity, string? address, string? correlationId, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var (person, refused) = await FindAsync(unit, identity, address, correlationId, cancel);
            if (person is null)
            {
                unit.Record(Failed(Who(null, address, correlationId), "unknown", EnumText<ProviderRefusal>.Of(refused!.Value)));
                return new ProviderAnswer(null, refused);
            }

            var who = Who(person, address, correlationId);
            await TakeRightsAsync(unit, who, person, identity, cancel);
            if (identity.HasNoRole)
            {
                unit.Record(Failed(who, person.Email!, EnumText<ProviderRefusal>.Of(ProviderRefusal.NoRole)));
                return new ProviderAnswer(null, ProviderRefusal.NoRole);
            }

            person.LastSignInAt = unit.Now;
            unit.Record(new AuditEntry(who, "person.sign_in", $"person:{person.Email}") { After = new { by = "openid_connect", identity.Issuer, identity.Subject } });
            return new ProviderAnswer(person.Id, null);
        },
        cancel);

    private async Task<(Person? Person, ProviderRefusal? Refused)> FindAsync(UnitOfWork unit, ProviderIdentity identity, string? address, string? correlationId, CancellationToken cancel)
    {
        var login = await unit.Db.UserLogins.SingleOrDefaultAsync(l => l.LoginProvider == identity.Issuer && l.ProviderKey == identity.Subject, cancel);
        if (login is not null)
        {
            return (await unit.Db.Users.Where(p => p.Id == login.UserId).ForUpdate().SingleAsync(cancel), null);
        }

        if (identity.Email is not { } email || !PersonChange.IsEmail(email))
        {
            return (null, ProviderRefusal.NoAddress);
        }

        var normalized = email.ToUpperInvariant();
        var person = await unit.Db.Users.Where(p => p.NormalizedEmail == normalized).ForUpdate().SingleOrDefaultAsync(cancel);
        if (person is not null)
        {
            // Who is known to this provider by another subject is somebody else: the address has passed on.
            if (!settings.LinkByEmail || !identity.EmailVerified || await unit.Db.UserLogins.AnyAsync(l => l.UserId == person.Id && l.LoginProvider == identity.Issuer, cancel))
            {
                return (null, ProviderRefusal.AddressTaken);
            }
        }
        else if (!settings.CreatePeople)
        {
            return (null, ProviderRefusal.Unknown);
        }
        else if (identity.HasNoRole)
        {
            return (null, ProviderRefusal.NoRole);
        }

        var made = person is null;
        person ??= People.Add(unit.Db, hasher, email, new PersonChange(identity.Name, null, null, null), unit.Now);
        unit.Db.UserLogins.Add(new IdentityUserLogin<string> { LoginProvider = identity.Issuer, ProviderKey = identity.Subject, ProviderDisplayName = settings.DisplayName, UserId = person.Id });
        await unit.Db.SaveChangesAsync(cancel);
        unit.Record(new AuditEntry(Who(person, address, correlationId), made ? "person.create" : "person.link", $"person:{person.Email}")
        {
            After = new { by = "openid_connect", identity.Issuer, identity.Subject },
        });
        return (person, null);
    }

    /// <summary>Roles and scopes as the provider says; where any has changed, what the person has open ends.</summary>
    private static async Task TakeRightsAsync(UnitOfWork unit, Caller who, Person person, ProviderIdentity identity, CancellationToken cancel)
    {
        var had = await unit.Db.UserRoles.Where(r => r.UserId == person.Id).Join(unit.Db.Roles, r => r.RoleId, r => r.Id, (_, r) => r.Name!).ToListAsync(cancel);
        var held = JsonText.Read<List<string>>(person.DataScopesJson) ?? [];
        var (roles, scopes) = (Sorted(identity.Roles ?? had), Sorted(identity.DataScopes ?? held));

        // Roles over some agents alone are given here unless the provider gives them too; but whoever has no role there at all has none here either.
        var hadLimited = JsonText.Read<List<LimitedRole>>(person.LimitedRolesJson) ?? [];
        var limited = identity.HasNoRole ? [] : identity.LimitedRoles ?? hadLimited;
        if (limited.Count == hadLimited.Count && limited.All(hadLimited.Contains) && Sorted(had).SequenceEqual(roles, StringComparer.Ordinal) && Sorted(held).SequenceEqual(scopes, StringComparer.Ordinal))
        {
            return;
        }

        await People.SetRolesAsync(unit.Db, person, roles, cancel);
        person.DataScopesJson = JsonText.Of(scopes);
        person.LimitedRolesJson = JsonText.Of(limited);
        person.SecurityStamp = Guid.NewGuid().ToString("n");
        await unit.Db.SaveChangesAsync(cancel);
        unit.Record(new AuditEntry(who, "person.change", $"person:{person.Email}")
        {
            Tightens = roles.All(had.Contains) && limited.All(hadLimited.Contains) && scopes.All(held.Contains),
            Before = new { Roles = Sorted(had), LimitedRoles = hadLimited, DataScopes = Sorted(held) },
            After = new { Roles = roles, LimitedRoles = limited, DataScopes = scopes, by = "openid_connect" },
        });
    }

    private static List<string> Sorted(IEnumerable<string> names) => [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static AuditEntry Failed(Caller who, string person, string why) =>
        new(who, "person.sign_in_failed", $"person:{person}") { Tightens = true, After = new { by = "openid_connect", why } };

    private static Caller Who(Person? person, string? address, string? correlationId) =>
        new() { Kind = CallerKind.Person, Id = person?.Id ?? "", Name = person?.Email ?? "unknown", Address = address, CorrelationId = correlationId };
}
