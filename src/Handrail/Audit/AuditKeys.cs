using System.Security.Cryptography;
using Handrail.Access;
using Handrail.Store;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Audit;

/// <summary>A key as JWKS lists it (RFC 7517).</summary>
public sealed record PublicAuditKey(string Kid, string X, string Y, DateTimeOffset CreatedAt)
{
    public string Kty { get; } = "EC";

    public string Crv { get; } = "P-256";

    public string Use { get; } = "sig";

    public string Alg { get; } = AuditHead.Algorithm;
}

/// <summary>The keys that the heads of days are signed with: made at first need, and again where the one there was can't be opened any more.</summary>
public sealed class AuditKeys(HandrailStore store, IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Handrail.Audit.SigningKey.v1");

    /// <summary>The newest first.</summary>
    internal static async Task<IReadOnlyList<PublicAuditKey>> ListAsync(HandrailDb db, CancellationToken cancel) =>
        (await db.AuditKeys.OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(cancel)).ConvertAll(k => new PublicAuditKey(k.Id, k.X, k.Y, k.CreatedAt));

    /// <summary>The key to sign with, and its id. Whoever asks disposes of it.</summary>
    internal async Task<(string Id, ECDsa Key)> SigningAsync(CancellationToken cancel)
    {
        if (await FindAsync(cancel) is { } found)
        {
            return found;
        }

        // Outside the transaction: data protection may have to write a key of its own into the same database. Two processes may make one each: both hold.
        var made = Make();
        await store.WriteAsync(
            unit =>
            {
                made.CreatedAt = unit.Now;
                unit.Db.AuditKeys.Add(made);
                unit.Record(new AuditEntry(Caller.System, "audit_key.make", $"audit_key:{made.Id}") { After = new { kid = made.Id, made.X, made.Y } });
                return Task.CompletedTask;
            },
            cancel);
        return await FindAsync(cancel) ?? throw new InvalidOperationException("There is no key to sign the audit with.");
    }

    /// <summary>
    /// The keys that this console made, to verify with. A key whose private half it can't open may have been put into the table by somebody else: nothing that
    /// such a key has signed is believed.
    /// </summary>
    internal async Task<Dictionary<string, ECDsa>> OursAsync(HandrailDb db, CancellationToken cancel)
    {
        var ours = new Dictionary<string, ECDsa>(StringComparer.Ordinal);
        foreach (var row in await db.AuditKeys.ToListAsync(cancel))
        {
            if (Open(row) is { } key)
            {
                ours[row.Id] = key;
            }
        }

        return ours;
    }

    private async Task<(string Id, ECDsa Key)?> FindAsync(CancellationToken cancel)
    {
        foreach (var row in await store.ReadAsync(db => db.AuditKeys.OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(cancel), cancel))
        {
            if (Open(row) is { } key)
            {
                return (row.Id, key);
            }
        }

        return null;
    }

    private AuditKey Make()
    {
        var made = ProtectedKey.Make(_protector);
        return new AuditKey { Id = made.Id, X = made.X, Y = made.Y, PrivateProtected = made.PrivateProtected };
    }

    private ECDsa? Open(AuditKey row) => ProtectedKey.Open(_protector, row.X, row.Y, row.PrivateProtected);
}
