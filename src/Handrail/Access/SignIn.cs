using Handrail.Audit;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>A person who proved who they are, or half of it.</summary>
public sealed record SignedIn(string Id, string Email, bool MustChangePassword)
{
    /// <summary>What the person showed.</summary>
    public string By { get; init; } = "password";

    /// <summary>The password was right, and a code is to follow before anything opens: what the second step brings along. Null when nothing is to follow.</summary>
    public HalfSignedIn? Half { get; init; }
}

/// <summary>Somebody whose password was right, until their code is.</summary>
/// <param name="Stamp">The person's at that moment: a password that was changed meanwhile is worth nothing.</param>
public sealed record HalfSignedIn(string PersonId, string Stamp);

/// <summary>
/// Checks a password, and the code where the person has a second factor. An unknown address and a wrong password get the same answer in the same time; five wrong
/// passwords or codes lock the account for a while; all of it is recorded. The lock keeps them from being tried and nothing else: who is signed in stays so, and
/// tokens hold, or else whoever knows an address could keep on-call staff from stopping an agent.
/// </summary>
public sealed class SignIn(HandrailStore store, Passwords passwords, AuthenticatorCodes codes, ProviderSettings provider)
{
    /// <summary>Wrong passwords or codes in a row until the account is locked.</summary>
    public const int MostFailures = 5;

    public static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(10);

    /// <summary>Null when the address or the password is wrong, or the account is locked.</summary>
    /// <param name="address">The network address it came from.</param>
    /// <exception cref="Refusal">Passwords are switched off here.</exception>
    public async Task<SignedIn?> HandleAsync(string email, string password, string? address, string? correlationId, CancellationToken cancel)
    {
        DemandPasswords();
        var normalized = email.ToUpperInvariant();
        var hash = await store.ReadAsync(db => db.Users.Where(p => p.NormalizedEmail == normalized).Select(p => p.PasswordHash).SingleOrDefaultAsync(cancel), cancel);
        var right = passwords.IsRight(hash, password);
        return await store.WriteAsync(
            async unit =>
            {
                var person = await unit.Db.Users.Where(p => p.NormalizedEmail == normalized).ForUpdate().SingleOrDefaultAsync(cancel);
                var who = Who(person, address, correlationId);
                if (person is null || !right || person.PasswordHash != hash || FailedTries.IsLocked(person, unit.Now))
                {
                    FailedTries.Count(unit, who, person, "person.sign_in_failed");
                    return null;
                }

                if (!await unit.Db.SecondFactors.AnyAsync(f => f.PersonId == person.Id && f.ConfirmedAt != null, cancel))
                {
                    return Enter(unit, who, person, "password");
                }

                // Failures are counted on: else whoever has the password could try codes for ever, and sign in half in between.
                unit.Record(new AuditEntry(who, "person.code_asked", $"person:{person.Email}"));
                return new SignedIn(person.Id, person.Email!, person.MustChangePassword) { Half = new HalfSignedIn(person.Id, person.SecurityStamp!) };
            },
            cancel);
    }

    /// <summary>The second step: a code of the person's authenticator, or a recovery code.</summary>
    /// <returns>Null when the code is wrong or was used before, the account is locked, or the first step is worth nothing any more.</returns>
    /// <inheritdoc cref="HandleAsync"/>
    public async Task<SignedIn?> ProveAsync(HalfSignedIn half, string code, string? address, string? correlationId, CancellationToken cancel)
    {
        DemandPasswords();
        var check = await codes.CheckAsync(half.PersonId, code, cancel);
        return await store.WriteAsync(
            async unit =>
            {
                var person = await unit.Db.Users.Where(p => p.Id == half.PersonId).ForUpdate().SingleOrDefaultAsync(cancel);
                var who = Who(person, address, correlationId);
                var factor = await unit.Db.SecondFactors.SingleOrDefaultAsync(f => f.PersonId == half.PersonId && f.ConfirmedAt != null, cancel);
                if (person is null || person.SecurityStamp != half.Stamp || FailedTries.IsLocked(person, unit.Now) || AuthenticatorCodes.Use(factor, check) is not { } kind)
                {
                    FailedTries.Count(unit, who, person, "person.code_failed");
                    return null;
                }

                if (kind == CodeKind.Recovery)
                {
                    unit.Record(new AuditEntry(who, "person.recovery_code_used", $"person:{person.Email}"));
                }

                return Enter(unit, who, person, kind == CodeKind.Recovery ? "password and recovery code" : "password and authenticator");
            },
            cancel);
    }

    /// <summary>True when the person may sign in by a password.</summary>
    public async Task<bool> HasPasswordAsync(Caller caller, CancellationToken cancel) =>
        provider.LocalPasswords && await store.ReadAsync(db => db.Users.AnyAsync(p => p.Id == caller.Id && p.PasswordHash != null, cancel), cancel);

    /// <summary>Sets a new password for a person who knows the old one. Other sign-ins of the person end.</summary>
    /// <exception cref="Refusal">The old password is wrong or was guessed at too often, or the new one is too short or the same.</exception>
    public async Task ChangePasswordAsync(Caller caller, string old, string password, CancellationToken cancel)
    {
        var hash = await store.ReadAsync(db => db.Users.Where(p => p.Id == caller.Id).Select(p => p.PasswordHash).SingleOrDefaultAsync(cancel), cancel);
        var right = passwords.IsRight(hash, old);
        var refused = await store.WriteAsync<Refusal?>(
            async unit =>
            {
                var person = await unit.Db.Users.Where(p => p.Id == caller.Id).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound("such person");

                // Whoever has got hold of an open sign-in could else try passwords here.
                if (!right || person.PasswordHash != hash || FailedTries.IsLocked(person, unit.Now))
                {
                    FailedTries.Count(unit, caller, person, "person.change_password_failed");
                    return Refusal.Invalid("old", "is not your password.");
                }

                if (password.Length < People.ShortestPassword || password == old)
                {
                    return Refusal.Invalid("new", $"must have at least {People.ShortestPassword} characters and differ from the old one.");
                }

                person.PasswordHash = passwords.Hash(person, password);
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
                await OpenSignIns.RemoveAsync(unit, caller.Id, signInId, cancel);
            }

            unit.Record(new AuditEntry(caller, "person.sign_out", $"person:{caller.Name}") { Tightens = true });
        },
        cancel);

    private void DemandPasswords()
    {
        if (!provider.LocalPasswords)
        {
            throw Refusal.NotAllowed($"Passwords are switched off here: sign in with {provider.DisplayName}.");
        }
    }

    private static Caller Who(Person? person, string? address, string? correlationId) =>
        new() { Kind = CallerKind.Person, Id = person?.Id ?? "", Name = person?.Email ?? "unknown", Address = address, CorrelationId = correlationId };

    private static SignedIn Enter(UnitOfWork unit, Caller who, Person person, string by)
    {
        person.AccessFailedCount = 0;
        person.LockoutEnd = null;
        person.LastSignInAt = unit.Now;
        unit.Record(new AuditEntry(who, "person.sign_in", $"person:{person.Email}") { After = new { by } });
        return new SignedIn(person.Id, person.Email!, person.MustChangePassword) { By = by };
    }
}
