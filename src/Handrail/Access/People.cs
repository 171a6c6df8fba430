using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>A person as administrators see one.</summary>
public sealed record PersonReading(string Email, string? Name, IReadOnlyList<string> Roles, IReadOnlyList<string> DataScopes, DateTimeOffset CreatedAt, DateTimeOffset? LastSignInAt, bool LockedOut)
{
    /// <summary>Roles held over some agents alone.</summary>
    public IReadOnlyList<LimitedRole> LimitedRoles { get; init; } = [];

    /// <summary>Those in force, the newest first.</summary>
    public IReadOnlyList<TokenReading> Tokens { get; init; } = [];

    /// <summary>True when signing in takes a code beside the password.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>True for who signs in by the OpenID Connect provider.</summary>
    public bool ByProvider { get; init; }
}

/// <summary>A token as administrators see it: never the token itself.</summary>
public sealed record TokenReading(string Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>What of a person is to be set; null leaves it.</summary>
public sealed record PersonChange(string? Name, IReadOnlyList<string>? Roles, IReadOnlyList<string>? DataScopes, string? Password)
{
    /// <summary>Roles over some agents alone, all that the person is to hold; null leaves them.</summary>
    public IReadOnlyList<LimitedRole>? LimitedRoles { get; init; }

    /// <summary>What is wrong with it, by member; each sentence goes on from the member's name.</summary>
    public IEnumerable<(string Member, string What)> Wrong()
    {
        foreach (var role in (Roles ?? []).Where(r => !Permissions.Roles.Contains(r)))
        {
            yield return ("roles", $"knows {string.Join(", ", Permissions.Roles)}, not '{role}'.");
        }

        foreach (var what in (LimitedRoles ?? []).SelectMany(r => r.Wrong()))
        {
            yield return ("limited_roles", what);
        }

        if (LimitedRoles?.Count > LimitedRole.Most)
        {
            yield return ("limited_roles", $"has {LimitedRoles.Count} entries; it takes {LimitedRole.Most} at most.");
        }

        if (Password?.Length < People.ShortestPassword)
        {
            yield return ("password", $"must have at least {People.ShortestPassword} characters.");
        }
    }

    /// <summary>True where this is the address of somebody.</summary>
    public static bool IsEmail(string email) =>
        email.Length is > 0 and <= 200 && email.Count(c => c == '@') == 1 && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '/');
}

/// <summary>A secret that is shown this once.</summary>
public sealed record IssuedSecret(string Id, string Secret);

/// <summary>People, their roles and their tokens, as administrators set them.</summary>
public sealed class People(HandrailStore store, IPasswordHasher<Person> hasher)
{
    public const int ShortestPassword = 12;

    public Task<IReadOnlyList<PersonReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<PersonReading>>(
        async db =>
        {
            caller.Demand(Permission.Administer);
            return await ReadAsync(db, await db.Users.OrderBy(p => p.Email).ToListAsync(cancel), cancel);
        },
        cancel);

    /// <exception cref="Refusal">There is no such person.</exception>
    public Task<PersonReading> OneAsync(Caller caller, string email, CancellationToken cancel) => store.ReadAsync(
        async db =>
        {
            caller.Demand(Permission.Administer);
            return (await ReadAsync(db, [await FindAsync(db, email, cancel)], cancel))[0];
        },
        cancel);

    /// <exception cref="Refusal">No right, or the address is taken.</exception>
    public Task<PersonReading> CreateAsync(Caller caller, string email, PersonChange about, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var normalized = Normalize(email);
                if (await unit.Db.Users.AnyAsync(p => p.NormalizedEmail == normalized, cancel))
                {
                    throw Refusal.Conflict($"There is already a person with the address '{email}'.");
                }

                var person = Add(unit.Db, hasher, email, about, unit.Now);
                await SetRolesAsync(unit.Db, person, about.Roles ?? [], cancel);
                await unit.Db.SaveChangesAsync(cancel);
                unit.Record(new AuditEntry(caller, "person.create", $"person:{email}") { After = new { roles = about.Roles, limited_roles = about.LimitedRoles, data_scopes = about.DataScopes } });
                return (await ReadAsync(unit.Db, [person], cancel))[0];
            },
            cancel);
    }

    /// <exception cref="Refusal">No right, no such person, or the last administrator.</exception>
    public Task<PersonReading> ChangeAsync(Caller caller, string email, PersonChange change, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var person = await FindAsync(unit.Db, email, cancel);
                var before = (await ReadAsync(unit.Db, [person], cancel))[0];
                person.DisplayName = change.Name ?? person.DisplayName;
                person.DataScopesJson = change.DataScopes is null ? person.DataScopesJson : JsonText.Of(change.DataScopes);
                person.LimitedRolesJson = change.LimitedRoles is null ? person.LimitedRolesJson : JsonText.Of(change.LimitedRoles);
                if (change.Password is { } password)
                {
                    person.PasswordHash = hasher.HashPassword(person, password);
                    person.MustChangePassword = false;
                    person.LockoutEnd = null;
                }

                if (change.Roles is { } roles)
                {
                    await SetRolesAsync(unit.Db, person, roles, cancel);
                }

                // Open sign-ins hold the old stamp: they end within seconds.
                person.SecurityStamp = Guid.NewGuid().ToString("n");
                await unit.Db.SaveChangesAsync(cancel);
                await DemandAnAdministratorAsync(unit.Db, cancel);
                var after = (await ReadAsync(unit.Db, [person], cancel))[0];
                unit.Record(new AuditEntry(caller, "person.change", $"person:{email}")
                {
                    // Whoever only loses rights can do less from here on.
                    Tightens = change.Password is null && after.Roles.All(before.Roles.Contains) && after.LimitedRoles.All(before.LimitedRoles.Contains) && after.DataScopes.All(before.DataScopes.Contains),
                    Before = new { before.Name, before.Roles, before.LimitedRoles, before.DataScopes },
                    After = new { after.Name, after.Roles, after.LimitedRoles, after.DataScopes, password_changed = change.Password is not null },
                });
                return after;
            },
            cancel);
    }

    /// <summary>Ends every sign-in that the person has open, within seconds; tokens stay.</summary>
    /// <exception cref="Refusal">No right, or no such person.</exception>
    public Task SignOutEverywhereAsync(Caller caller, string email, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var person = await FindAsync(unit.Db, email, cancel);
                person.SecurityStamp = Guid.NewGuid().ToString("n");
                unit.Record(new AuditEntry(caller, "person.sign_out", $"person:{email}") { Tightens = true });
            },
            cancel);
    }

    /// <exception cref="Refusal">No right, no such person, or the last administrator.</exception>
    public Task RemoveAsync(Caller caller, string email, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var person = await FindAsync(unit.Db, email, cancel);
                var before = (await ReadAsync(unit.Db, [person], cancel))[0];
                await unit.Db.PersonalTokens.Where(t => t.PersonId == person.Id && t.RevokedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, unit.Now), cancel);
                unit.Db.Users.Remove(person);
                await unit.Db.SaveChangesAsync(cancel);
                await DemandAnAdministratorAsync(unit.Db, cancel);
                unit.Record(new AuditEntry(caller, "person.remove", $"person:{email}") { Tightens = true, Before = new { before.Name, before.Roles, before.LimitedRoles, before.DataScopes } });
            },
            cancel);
    }

    /// <exception cref="Refusal">No right, or no such person.</exception>
    public Task<IssuedSecret> IssueTokenAsync(Caller caller, string email, string name, DateTimeOffset? expiresAt, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var person = await FindAsync(unit.Db, email, cancel);
                var secret = Secrets.New(Secrets.PersonPrefix);
                var token = AddToken(unit.Db, person, name, secret, expiresAt, unit.Now);
                unit.Record(new AuditEntry(caller, "token.issue", $"person:{email}") { After = new { token.Id, name, expires_at = expiresAt } });
                return new IssuedSecret(token.Id, secret);
            },
            cancel);
    }

    /// <exception cref="Refusal">No right, or no such token.</exception>
    public Task RevokeTokenAsync(Caller caller, string email, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var person = await FindAsync(unit.Db, email, cancel);
                var revoked = await unit.Db.PersonalTokens.Where(t => t.Id == id && t.PersonId == person.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, t => t.RevokedAt ?? unit.Now), cancel);
                if (revoked == 0)
                {
                    throw Refusal.NotFound($"token '{id}'");
                }

                unit.Record(new AuditEntry(caller, "token.revoke", $"person:{email}") { Tightens = true, After = new { id } });
            },
            cancel);
    }

    internal static Person Add(HandrailDb db, IPasswordHasher<Person> hasher, string email, PersonChange about, DateTimeOffset now)
    {
        var person = new Person
        {
            UserName = email,
            NormalizedUserName = Normalize(email),
            Email = email,
            NormalizedEmail = Normalize(email),
            EmailConfirmed = true,
            LockoutEnabled = true,
            DisplayName = about.Name,
            DataScopesJson = JsonText.Of(about.DataScopes ?? []),
            LimitedRolesJson = JsonText.Of(about.LimitedRoles ?? []),
            SecurityStamp = Guid.NewGuid().ToString("n"),
            CreatedAt = now,
        };
        person.PasswordHash = about.Password is null ? null : hasher.HashPassword(person, about.Password);
        db.Users.Add(person);
        return person;
    }

    internal static PersonalToken AddToken(HandrailDb db, Person person, string name, string secret, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        var token = new PersonalToken { Id = $"t-{Guid.CreateVersion7():n}", PersonId = person.Id, Name = name, Hash = Secrets.Hash(secret), CreatedAt = now, ExpiresAt = expiresAt };
        db.PersonalTokens.Add(token);
        return token;
    }

    internal static async Task SetRolesAsync(HandrailDb db, Person person, IReadOnlyList<string> roles, CancellationToken cancel)
    {
        foreach (var role in Permissions.Roles)
        {
            if (!await db.Roles.AnyAsync(r => r.Name == role, cancel))
            {
                db.Roles.Add(new IdentityRole(role) { NormalizedName = Normalize(role) });
            }
        }

        await db.SaveChangesAsync(cancel);
        db.UserRoles.RemoveRange(await db.UserRoles.Where(r => r.UserId == person.Id).ToListAsync(cancel));
        await db.SaveChangesAsync(cancel);
        var ids = await db.Roles.Where(r => roles.Contains(r.Name!)).Select(r => r.Id).ToListAsync(cancel);
        db.UserRoles.AddRange(ids.Select(id => new IdentityUserRole<string> { UserId = person.Id, RoleId = id }));
    }

    private static string Normalize(string text) => text.ToUpperInvariant();

    private static async Task<Person> FindAsync(HandrailDb db, string email, CancellationToken cancel)
    {
        var normalized = Normalize(email);
        return await db.Users.SingleOrDefaultAsync(p => p.NormalizedEmail == normalized, cancel) ?? throw Refusal.NotFound($"person '{email}'");
    }

    private static async Task DemandAnAdministratorAsync(HandrailDb db, CancellationToken cancel)
    {
        var left = await db.UserRoles.Join(db.Roles, r => r.RoleId, r => r.Id, (_, r) => r.Name).AnyAsync(n => n == Permissions.Administrator, cancel);
        if (!left)
        {
            throw Refusal.Conflict("This is the last administrator: name another one first.");
        }
    }

    private static async Task<List<PersonReading>> ReadAsync(HandrailDb db, List<Person> people, CancellationToken cancel)
    {
        var ids = people.ConvertAll(p => p.Id);
        var roles = (await db.UserRoles.Where(r => ids.Contains(r.UserId)).Join(db.Roles, r => r.RoleId, r => r.Id, (u, r) => new { u.UserId, r.Name }).ToListAsync(cancel))
            .ToLookup(r => r.UserId, r => r.Name!);
        var tokens = (await db.PersonalTokens.AsNoTracking().Where(t => ids.Contains(t.PersonId) && t.RevokedAt == null).OrderByDescending(t => t.Id).ToListAsync(cancel))
            .ToLookup(t => t.PersonId, t => new TokenReading(t.Id, t.Name, t.CreatedAt, t.ExpiresAt, t.LastUsedAt));
        var factors = await db.SecondFactors.Where(f => ids.Contains(f.PersonId) && f.ConfirmedAt != null).Select(f => f.PersonId).ToHashSetAsync(cancel);
        var linked = await db.UserLogins.Where(l => ids.Contains(l.UserId)).Select(l => l.UserId).ToHashSetAsync(cancel);
        return people.ConvertAll(p => new PersonReading(
            p.Email!, p.DisplayName, [.. roles[p.Id].Order(StringComparer.Ordinal)], JsonText.Read<List<string>>(p.DataScopesJson) ?? [], p.CreatedAt, p.LastSignInAt,
            p.LockoutEnd is not null)
        {
            LimitedRoles = JsonText.Read<List<LimitedRole>>(p.LimitedRolesJson) ?? [],
            Tokens = [.. tokens[p.Id]],
            SecondFactor = factors.Contains(p.Id),
            ByProvider = linked.Contains(p.Id),
        });
    }
}
