using Handrail.Audit;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>A person's own second factor as the account page shows it.</summary>
/// <param name="Since">Null while there is none.</param>
/// <param name="RecoveryCodesLeft">How many recovery codes were not used yet.</param>
public sealed record SecondFactorReading(DateTimeOffset? Since, int RecoveryCodesLeft);

/// <summary>What an authenticator is told once: the secret as text, and all of it as the address that a QR code carries.</summary>
public sealed record SecondFactorSecret(string Secret, string Address);

/// <summary>
/// Sets a person's second factor up, and off again. It is the person's own matter, who shows by password and code to be the one: an open page alone, which somebody
/// else may have come to sit at, must not do. Administrators can only take it away.
/// </summary>
public sealed class SecondFactors(HandrailStore store, Passwords passwords, AuthenticatorCodes codes)
{
    private const string Wrong = "are not right together, or were tried too often.";

    public Task<SecondFactorReading> ReadAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        async db => await db.SecondFactors.SingleOrDefaultAsync(f => f.PersonId == caller.Id && f.ConfirmedAt != null, cancel) is { } factor
            ? new SecondFactorReading(factor.ConfirmedAt, JsonText.Read<List<string>>(factor.RecoveryHashesJson)?.Count ?? 0)
            : new SecondFactorReading(null, 0),
        cancel);

    /// <summary>Makes a secret for an authenticator. It counts for nothing until a code is confirmed; beginning again makes another.</summary>
    /// <exception cref="Refusal">There is a second factor already, or the person has no password that it could stand beside.</exception>
    public async Task<SecondFactorSecret> BeginAsync(Caller caller, CancellationToken cancel)
    {
        var secret = codes.NewSecret();
        await store.WriteAsync(
            async unit =>
            {
                var person = await HoldAsync(unit, caller, cancel);
                if (person.PasswordHash is null)
                {
                    throw Refusal.Conflict("You sign in without a password of this console: a second factor is asked for where you do sign in.");
                }

                var factor = await unit.Db.SecondFactors.SingleOrDefaultAsync(f => f.PersonId == caller.Id, cancel);
                if (factor is { ConfirmedAt: not null })
                {
                    throw Refusal.Conflict("You have a second factor already: switch it off before you set up another.");
                }

                if (factor is null)
                {
                    unit.Db.SecondFactors.Add(factor = new SecondFactor { PersonId = caller.Id, SecretProtected = secret });
                }

                (factor.SecretProtected, factor.CreatedAt, factor.LastStep) = (secret, unit.Now, 0);
                unit.Record(new AuditEntry(caller, "person.second_factor_begin", $"person:{caller.Name}"));
            },
            cancel);
        return Show(caller, secret);
    }

    /// <summary>The secret that was begun with and not confirmed yet; null where there is none.</summary>
    public async Task<SecondFactorSecret?> BegunAsync(Caller caller, CancellationToken cancel) =>
        await store.ReadAsync(db => db.SecondFactors.Where(f => f.PersonId == caller.Id && f.ConfirmedAt == null).Select(f => f.SecretProtected).SingleOrDefaultAsync(cancel), cancel) is { } secret
            ? Show(caller, secret)
            : null;

    /// <summary>From here on signing in takes a code. Other sign-ins of the person, which were made without one, end.</summary>
    /// <returns>Recovery codes, to be shown this once.</returns>
    /// <exception cref="Refusal">The password or the code is wrong, or nothing was begun.</exception>
    public async Task<IReadOnlyList<string>> ConfirmAsync(Caller caller, string password, string code, CancellationToken cancel)
    {
        var (shown, hashes) = AuthenticatorCodes.NewRecoveryCodes();
        await ProvenAsync(caller, password, code, confirmed: false, "person.second_factor_failed", (unit, person, factor) =>
        {
            (factor.ConfirmedAt, factor.RecoveryHashesJson) = (unit.Now, hashes);
            person.SecurityStamp = Guid.NewGuid().ToString("n");
            unit.Record(new AuditEntry(caller, "person.second_factor_on", $"person:{person.Email}"));
        }, cancel);
        return shown;
    }

    /// <summary>Other recovery codes; those there were open nothing any more.</summary>
    /// <inheritdoc cref="ConfirmAsync"/>
    public async Task<IReadOnlyList<string>> NewCodesAsync(Caller caller, string password, string code, CancellationToken cancel)
    {
        var (shown, hashes) = AuthenticatorCodes.NewRecoveryCodes();
        await ProvenAsync(caller, password, code, confirmed: true, "person.second_factor_failed", (unit, person, factor) =>
        {
            factor.RecoveryHashesJson = hashes;
            unit.Record(new AuditEntry(caller, "person.recovery_codes", $"person:{person.Email}"));
        }, cancel);
        return shown;
    }

    /// <summary>From here on the password alone signs in.</summary>
    /// <exception cref="Refusal">The password or the code is wrong.</exception>
    public Task SwitchOffAsync(Caller caller, string password, string code, CancellationToken cancel) =>
        ProvenAsync(caller, password, code, confirmed: true, "person.second_factor_failed", (unit, person, factor) =>
        {
            unit.Db.SecondFactors.Remove(factor);
            person.SecurityStamp = Guid.NewGuid().ToString("n");
            unit.Record(new AuditEntry(caller, "person.second_factor_off", $"person:{person.Email}"));
        }, cancel);

    /// <summary>Takes the second factor of somebody who has lost it: the password alone signs them in until they set up another. Their open sign-ins end.</summary>
    /// <exception cref="Refusal">No right, nobody of that address, no second factor, or one's own: that takes password and code.</exception>
    public Task ResetAsync(Caller caller, string email, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var normalized = email.ToUpperInvariant();
                var person = await unit.Db.Users.Where(p => p.NormalizedEmail == normalized).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound($"person '{email}'");
                if (person.Id == caller.Id)
                {
                    throw Refusal.Conflict("Your own second factor you switch off on your account page, by password and code; where it is lost, another administrator takes it away.");
                }

                var factor = await unit.Db.SecondFactors.SingleOrDefaultAsync(f => f.PersonId == person.Id && f.ConfirmedAt != null, cancel)
                    ?? throw Refusal.NotFound($"second factor of '{email}'");
                unit.Db.SecondFactors.Remove(factor);
                person.SecurityStamp = Guid.NewGuid().ToString("n");
                unit.Record(new AuditEntry(caller, "person.second_factor_reset", $"person:{person.Email}"));
            },
            cancel);
    }

    /// <summary>Does it if password and code are right, both judged before either is told of.</summary>
    private async Task ProvenAsync(
        Caller caller, string password, string code, bool confirmed, string failed, Action<UnitOfWork, Person, SecondFactor> deed, CancellationToken cancel)
    {
        var hash = await store.ReadAsync(db => db.Users.Where(p => p.Id == caller.Id).Select(p => p.PasswordHash).SingleOrDefaultAsync(cancel), cancel);
        var right = passwords.IsRight(hash, password);
        var check = await codes.CheckAsync(caller.Id, code, cancel);
        var refused = await store.WriteAsync<Refusal?>(
            async unit =>
            {
                var person = await HoldAsync(unit, caller, cancel);
                var factor = await unit.Db.SecondFactors.SingleOrDefaultAsync(f => f.PersonId == caller.Id && f.ConfirmedAt != null == confirmed, cancel);
                if (factor is null)
                {
                    return Refusal.Conflict(confirmed ? "You have no second factor." : "Begin by setting up your authenticator: nothing waits to be confirmed.");
                }

                if (!right || person.PasswordHash != hash || FailedTries.IsLocked(person, unit.Now) || AuthenticatorCodes.Use(factor, check) is not { } kind)
                {
                    FailedTries.Count(unit, caller, person, failed);
                    return Refusal.Invalid("password", Wrong);
                }

                person.AccessFailedCount = 0;
                if (kind == CodeKind.Recovery)
                {
                    unit.Record(new AuditEntry(caller, "person.recovery_code_used", $"person:{person.Email}"));
                }

                deed(unit, person, factor);
                return null;
            },
            cancel);
        if (refused is not null)
        {
            throw refused;
        }
    }

    private static async Task<Person> HoldAsync(UnitOfWork unit, Caller caller, CancellationToken cancel) =>
        await unit.Db.Users.Where(p => p.Id == caller.Id).ForUpdate().SingleOrDefaultAsync(cancel) ?? throw Refusal.NotFound("such person");

    private SecondFactorSecret Show(Caller caller, string secretProtected)
    {
        var secret = codes.Read(secretProtected);
        return new SecondFactorSecret(
            string.Join(' ', secret.Chunk(4).Select(c => new string(c))),
            $"otpauth://totp/Handrail:{Uri.EscapeDataString(caller.Name)}?secret={secret}&issuer=Handrail");
    }
}
