using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>A person who proved who they are.</summary>
public sealed record SignedIn(string Id, string Email, bool MustChangePassword);

/// <summary>
/// Checks a password. An unknown address and a wrong password get the same answer in the same time; five wrong ones lock the
/// account for a while; all of it is recorded.
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
    public Task<SignedIn?> HandleAsync(string email, string password, string? address, string? correlationId, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var normalized = email.ToUpperInvariant();
            var person = await unit.Db.Users.Where(p => p.NormalizedEmail == normalized).ForUpdate().SingleOrDefaultAsync(cancel);
            var right = hasher.VerifyHashedPassword(person ?? new Person(), person?.PasswordHash ?? _nobody.Value, password) != PasswordVerificationResult.Failed;
            var who = new Caller { Kind = CallerKind.Person, Id = person?.Id ?? "", Name = person?.Email ?? "unknown", Address = address, CorrelationId = correlationId };
            if (person?.PasswordHash is null || person.LockoutEnd > unit.Now || !right)
            {
                Fail(unit, who, person);
                return null;
            }

            person.AccessFailedCount = 0;
            person.LockoutEnd = null;
            person.LastSignInAt = unit.Now;
            unit.Record(new AuditEntry(who, "person.sign_in", $"person:{person.Email}"));
            return new SignedIn(person.Id, person.Email!, person.MustChangePassword);
        },
        cancel);

    /// <summary>Sets a new password for a person who knows the old one. Other sign-ins of the person end.</summary>
    /// <exception cref="Refusal">The old password is wrong, or the new one too short or the same.</exception>
    public Task ChangePasswordAsync(Caller caller, string old, string password, CancellationToken cancel) => store.WriteAsync(
        async unit =>
        {
            var person = await unit.Db.Users.Where(p => p.Id == caller.Id).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound("such person");
            if (person.PasswordHash is null || hasher.VerifyHashedPassword(person, person.PasswordHash, old) == PasswordVerificationResult.Failed)
            {
                throw Refusal.Invalid("old", "is not your password.");
            }

            if (password.Length < People.ShortestPassword || password == old)
            {
                throw Refusal.Invalid("new", $"must have at least {People.ShortestPassword} characters and differ from the old one.");
            }

            person.PasswordHash = hasher.HashPassword(person, password);
            person.SecurityStamp = Guid.NewGuid().ToString("n");
            person.MustChangePassword = false;
            unit.Record(new AuditEntry(caller, "person.change_password", $"person:{person.Email}"));
        },
        cancel);

    public Task SignOutAsync(Caller caller, CancellationToken cancel) => store.WriteAsync(
        unit =>
        {
            unit.Record(new AuditEntry(caller, "person.sign_out", $"person:{caller.Name}") { Tightens = true });
            return Task.CompletedTask;
        },
        cancel);

    private static void Fail(UnitOfWork unit, Caller who, Person? person)
    {
        if (person is null)
        {
            unit.Record(new AuditEntry(who, "person.sign_in_failed", "person:unknown") { Tightens = true });
            return;
        }

        if (person.LockoutEnd is null || person.LockoutEnd <= unit.Now)
        {
            person.AccessFailedCount++;
        }

        unit.Record(new AuditEntry(who, "person.sign_in_failed", $"person:{person.Email}") { Tightens = true });
        if (person.AccessFailedCount >= MostFailures)
        {
            person.AccessFailedCount = 0;
            person.LockoutEnd = unit.Now + LockedFor;
            unit.Record(new AuditEntry(who, "person.locked_out", $"person:{person.Email}") { Tightens = true, After = new { until = person.LockoutEnd } });
        }
    }
}
