using Handrail.Store;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace Handrail.Access;

/// <summary>
/// A code as far as it can be judged outside the transaction that uses it up: the authenticator whose it may be, and either the time step that it is right for or the
/// hash to look for among the recovery codes.
/// </summary>
public sealed record CodeCheck(string? SecretProtected, long? Step, string? RecoveryHash);

/// <summary>How a code was found right.</summary>
public enum CodeKind
{
    Authenticator,
    Recovery,
}

/// <summary>Codes of authenticators (RFC 6238: 6 digits, 30 s, HMAC-SHA-1, what every such app knows) and the codes that stand in for a lost one.</summary>
public sealed class AuthenticatorCodes(HandrailStore store, IDataProtectionProvider protection, TimeProvider time)
{
    public const int RecoveryCount = 10;

    private const int Digits = 6;
    private const int SecretBytes = 20;

    /// <summary>80 random bits: too many to guess, so that a plain hash of them is enough.</summary>
    private const int RecoveryBytes = 10;

    /// <summary>One step before and one after: clocks that are half a minute wrong.</summary>
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    private readonly IDataProtector _protector = protection.CreateProtector("Handrail.Access.Authenticator.v1");

    /// <summary>A new secret, as it is stored. Outside any transaction: data protection may have to write a key of its own into the same database.</summary>
    public string NewSecret() => _protector.Protect(Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(SecretBytes)));

    /// <summary>The secret as an authenticator takes it, base32.</summary>
    public string Read(string secretProtected) => _protector.Unprotect(secretProtected);

    /// <summary>New recovery codes, to be shown once, and what is stored of them.</summary>
    public static (IReadOnlyList<string> Codes, string HashesJson) NewRecoveryCodes()
    {
        var codes = Enumerable.Range(0, RecoveryCount)
            .Select(_ => string.Join('-', Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(RecoveryBytes)).ToLowerInvariant().Chunk(4).Select(c => new string(c))))
            .ToList();
        return (codes, JsonText.Of(codes.Select(c => Secrets.Hash(Plain(c)))));
    }

    /// <summary>Judges a code without using it up.</summary>
    public async Task<CodeCheck> CheckAsync(string personId, string code, CancellationToken cancel)
    {
        var stored = await store.ReadAsync(db => db.SecondFactors.Where(f => f.PersonId == personId).Select(f => f.SecretProtected).SingleOrDefaultAsync(cancel), cancel);
        var plain = Plain(code);
        if (stored is null || plain.Length != Digits || !plain.All(char.IsAsciiDigit))
        {
            return new CodeCheck(stored, null, Secrets.Hash(plain));
        }

        var authenticator = new Totp(Base32Encoding.ToBytes(Read(stored)), totpSize: Digits);
        return new CodeCheck(stored, authenticator.VerifyTotp(time.GetUtcNow().UtcDateTime, plain, out var step, Window) ? step : null, null);
    }

    /// <summary>Uses the code up in the transaction of what it is for, which holds the person's row.</summary>
    /// <returns>Null when it is wrong, was used before, or is of an authenticator that is not the person's any more.</returns>
    internal static CodeKind? Use(SecondFactor? factor, CodeCheck check)
    {
        if (factor is null || factor.SecretProtected != check.SecretProtected)
        {
            return null;
        }

        if (check.Step is { } step)
        {
            if (step <= factor.LastStep)
            {
                return null;
            }

            factor.LastStep = step;
            return CodeKind.Authenticator;
        }

        var left = JsonText.Read<List<string>>(factor.RecoveryHashesJson) ?? [];
        if (check.RecoveryHash is not { } hash || !left.Remove(hash))
        {
            return null;
        }

        factor.RecoveryHashesJson = JsonText.Of(left);
        return CodeKind.Recovery;
    }

    /// <summary>As people may type it: in groups, in capitals.</summary>
    private static string Plain(string code) => new([.. code.Where(c => !char.IsWhiteSpace(c) && c != '-').Select(char.ToLowerInvariant)]);
}
