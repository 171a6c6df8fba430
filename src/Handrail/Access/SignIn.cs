using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>A person who proved who they are.</summary>
public sealed record SignedIn(string Id, string Email, bool MustChangePassword);

/// <summary>
/// Checks a password. An unknown address and a wrong password get the same answer in the same time; five wrong ones lock the
/// account for a while; all of it is recorded. The lock keeps passwords from being tried and nothing else: who is signed in stays so, and tokens hold, or else
/// whoever knows an address could keep on-call staff from stopping an agent.
/// </summary>
public sealed class SignIn(HandrailStore store, IPasswordHasher<Person> hasher)
{
    /// <summary>Wrong passwords in a row until the account is locked.</summary>
    public const int MostFailures = 5;

    public static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(10);

    /// <summary>A hash to check against where there is no person, so that the time is the same.</summary>
    private readonly Lazy<string> _nobody = new(() => hasher.HashPassword(new Person(), Secrets.New("")));

    /// <summary>Null when the address or the password is wrong, or the account is locked.</summary>
    /// <param name="address">The network address it came from.</param>
    public async Task<SignedIn?> HandleAsync(string email, string password, string? address, string? correlationId, CancellationToken cancel)
    {
        var normalized = email.ToUpperInvariant();
        var hash = await store.ReadAsync(db => db.Users.Where(p => p.NormalizedEmail == normalized).Select(p => p.PasswordHash).SingleOrDefaultAsync(cancel), cancel);
        var right = Verify(hash, password);
        return await store.WriteAsync(
            async unit =>
            {
                var person = await unit.Db.Users.Where(p => p.NormalizedEmail == normalized).ForUpdate().SingleOrDefaultAsync(cancel);
                var who = new Caller { Kind = CallerKind.Person, Id = person?.Id ?? "", Name = person?.Email ?? "unknown", Address = address, CorrelationId = correlationId };
                if (person is null || !right || person.PasswordHash != hash || person.LockoutEnd > unit.Now)
                {
                    Fail(unit, who, person, "person.sign_in_failed");
                    return null;
                }

                person.AccessFailedCount = 0;
                person.LockoutEnd = null;
                person.LastSignInAt = unit.Now;
                unit.Record(new AuditEntry(who, "person.sign_in", $"person:{person.Email}"));
                return new SignedIn(person.Id, person.Email!, person.MustChangePassword);
            },
            cancel);
    }

    /// <summary>Sets a new password for a person who knows the old one. Other sign-ins of the person end.</summary>
    /// <exception cref="Refusal">The old password is wrong or was guessed at too often, or the new one is too short or the same.</exception>
    public async Task ChangePasswordAsync(Caller caller, string old, string password, CancellationToken cancel)
    {
        var hash = await store.ReadAsync(db => db.Users.Where(p => p.Id == caller.Id).Select(p => p.PasswordHash).SingleOrDefaultAsync(cancel), cancel);
        var right = Verify(hash, old);
        var refused = await store.WriteAsync<Refusal?>(
            async unit =>
            {
                var person = await unit.Db.Users.Where(p => p.Id == caller.Id).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound("such person");

                // Whoever has got hold of an open sign-in could else try passwords here.
                if (!right || person.PasswordHash != hash || person.LockoutEnd > unit.Now)
                {
                    Fail(unit, caller, person, "person.change_password_failed");
                    return Refusal.Invalid("old", "is not your password.");
                }

                if (password.Length < People.ShortestPassword || password == old)
                {
                    return Refusal.Invalid("new", $"must have at least {People.ShortestPassword} characters and differ from the old one.");
                }

                person.PasswordHash = hasher.HashPassword(person, password);
                person.SecurityStamp = Guid.NewGuid().ToString("n");
                person.MustChangePassword = false;
                person.AccessFailedCount = 0;
                unit.Record(new AuditEntry(caller, "person.change_password", $"person:{person.Email}"));
                return null;
            },
            cancel);
        if (refused is not null)
        {
            throw refused;
        }
    }

    /// <summary>Ends one sign-in, of whose cookie there may be a copy.</summary>
    /// <param name="signInId">Which; null for one that has no id.</param>
    public Task SignOutAsync(Caller caller, string? signInId, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            if (signInId is not null)
            {
                await EndedSignIns.AddAsync(unit, caller.Id, signInId, cancel);
            }

            unit.Record(new AuditEntry(caller, "person.sign_out", $"person:{caller.Name}") { Tightens = true });
        },
        cancel);

    /// <summary>Outside of any transaction: it takes long on purpose, and on SQLite would keep every other writer out for as long.</summary>
    private bool Verify(string? hash, string password) =>
        hasher.VerifyHashedPassword(new Person(), hash ?? _nobody.Value, password) != PasswordVerificationResult.Failed && hash is not null;

    private static void Fail(UnitOfWork unit, Caller who, Person? person, string act)
    {
        if (person is null)
        {
            unit.Record(new AuditEntry(who, act, "person:unknown") { Tightens = true });
            return;
        }

        if (person.LockoutEnd is null || person.LockoutEnd <= unit.Now)
        {
            person.AccessFailedCount++;
        }

        unit.Record(new AuditEntry(who, act, $"person:{person.Email}") { Tightens = true });
        if (person.AccessFailedCount >= MostFailures)
        {
            person.AccessFailedCount = 0;
            person.LockoutEnd = unit.Now + LockedFor;
            unit.Record(new AuditEntry(who, "person.locked_out", $"person:{person.Email}") { Tightens = true, After = new { until = person.LockoutEnd } });
        }
    }
}
