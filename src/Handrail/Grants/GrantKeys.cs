using System.Security.Cryptography;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Store;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Grants;

/// <summary>A key as JWKS lists it (RFC 7517).</summary>
public sealed record PublicGrantKey(string Kid, string X, string Y)
{
    public string Kty { get; } = "EC";

    public string Crv { get; } = "P-256";

    public string Use { get; } = "sig";

    public string Alg { get; } = "ES256";
}

/// <summary>
/// The keys that grants are signed with: made at first need, followed by a new one by age or when an administrator says so. All processes on
/// one database share them; each reads them again every half minute. A row that this console can't open is none of them: it may be anybody's,
/// who then could sign grants, and a grant that is refused for it is issued anew to whoever asks again.
/// </summary>
public sealed class GrantKeys(HandrailStore store, IDataProtectionProvider protection, GrantSettings settings, TimeProvider time) : IDisposable
{
    /// <summary>For how long the list of keys may be kept: a new key signs only when whoever kept the old list has asked again.</summary>
    public static readonly TimeSpan ListedFor = TimeSpan.FromMinutes(5);

    /// <summary>A process may not know for this long that there is a new key.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(30);

    /// <summary>How soon a <c>kid</c> that nobody knows makes the keys be read again.</summary>
    private static readonly TimeSpan SoonestAgain = TimeSpan.FromSeconds(1);

    private readonly IDataProtector _protector = protection.CreateProtector("Handrail.Grants.SigningKey.v1");
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile GrantKeyRing? _ring;

    /// <summary>The keys whose grants hold, the newest first.</summary>
    public async Task<IReadOnlyList<PublicGrantKey>> ListAsync(CancellationToken cancel)
    {
        // So that whoever sets a verifier up finds a key before the first grant.
        _ = await SigningAsync(cancel);
        var now = time.GetUtcNow();
        return [.. (await RingAsync(ReadEvery, cancel)).Keys.Where(k => k.IsTrusted(now)).OrderByDescending(k => k.SignsFrom).Select(k => new PublicGrantKey(k.Id, k.X, k.Y))];
    }

    /// <summary>Makes a new key, which signs once everybody can know it. The old one holds until every grant that it signed has expired.</summary>
    /// <param name="distrustOthers">The old keys are known to others: their grants are refused at once, and the new key signs at once.</param>
    /// <returns>The new key's id.</returns>
    /// <exception cref="Refusal">No right.</exception>
    public async Task<string> RotateAsync(Caller caller, bool distrustOthers, string? reason, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        var made = Make();
        await store.WriteAsync(
            async unit =>
            {
                await AddAsync(unit, made, distrustOthers, cancel);
                unit.Record(new AuditEntry(caller, "grant_key.rotate", $"grant_key:{made.Id}") { Reason = reason, Tightens = distrustOthers, After = new { kid = made.Id, distrust_others = distrustOthers } });
            },
            cancel);
        _ring = null;
        return made.Id;
    }

    /// <summary>The key to sign with; made when there is none that can, or when it has come of age.</summary>
    internal async Task<ReadyKey> SigningAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var ring = await RingAsync(ReadEvery, cancel);
        var newest = ring.Keys.Where(k => k.IsTrusted(now)).MaxBy(k => k.SignsFrom);
        if (newest is not null && newest.SignsFrom + settings.RotateAfter > now && ring.Signing(now) is { } key)
        {
            return key;
        }

        await _reading.WaitAsync(cancel);
        try
        {
            ring = _ring = await ReadAsync(cancel);
            newest = ring.Keys.Where(k => k.IsTrusted(now)).MaxBy(k => k.SignsFrom);
            if (newest is null || newest.SignsFrom + settings.RotateAfter <= now)
            {
                var made = Make();
                await store.WriteAsync(
                    async unit =>
                    {
                        // Held first and looked at in a statement of its own, which sees what another process has just committed.
                        await unit.Db.GrantKeys.ForUpdate().Select(k => k.Id).ToListAsync(cancel);
                        var rotateAfter = unit.Now - settings.RotateAfter;
                        var young = await unit.Db.GrantKeys.Where(k => k.TrustedUntil == null && k.SignsFrom > rotateAfter).ToListAsync(cancel);
                        if (young.Exists(IsOurs))
                        {
                            // Another process was first.
                            return;
                        }

                        await AddAsync(unit, made, distrustOthers: false, cancel);
                        unit.Record(new AuditEntry(Caller.System, "grant_key.make", $"grant_key:{made.Id}"));
                    },
                    cancel);
                ring = _ring = await ReadAsync(cancel);
            }
        }
        finally
        {
            _reading.Release();
        }

        return ring.Signing(now) ?? ring.Keys.MinBy(k => k.SignsFrom)
            ?? throw new InvalidOperationException("There is no key to sign grants with.");
    }

    /// <summary>A key whose grants hold, or null.</summary>
    internal async Task<ReadyKey?> TrustedAsync(string id, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var key = (await RingAsync(ReadEvery, cancel)).Trusted(id, now) ?? (await RingAsync(SoonestAgain, cancel)).Trusted(id, now);

        // What is kept may be half a minute old: another process may have distrusted the key since.
        return key is not null && await store.ReadAsync(db => db.GrantKeys.AnyAsync(k => k.Id == id && (k.TrustedUntil == null || k.TrustedUntil > now), cancel), cancel) ? key : null;
    }

    public void Dispose() => _reading.Dispose();

    private GrantKey Make()
    {
        var made = ProtectedKey.Make(_protector);
        return new GrantKey { Id = made.Id, X = made.X, Y = made.Y, PrivateProtected = made.PrivateProtected };
    }

    private async Task AddAsync(UnitOfWork unit, GrantKey made, bool distrustOthers, CancellationToken cancel)
    {
        var others = await unit.Db.GrantKeys.Where(k => k.TrustedUntil == null || k.TrustedUntil > unit.Now).ForUpdate().ToListAsync(cancel);
        var first = distrustOthers || others.TrueForAll(k => !IsOurs(k));
        (made.CreatedAt, made.SignsFrom) = (unit.Now, first ? unit.Now : unit.Now + ListedFor);
        unit.Db.GrantKeys.Add(made);
        foreach (var other in others)
        {
            // Another process may sign with it until it reads the keys again, and what it signed then lives on.
            other.TrustedUntil = distrustOthers ? unit.Now : other.TrustedUntil ?? (made.SignsFrom + ReadEvery + settings.Life + ListedFor);
        }
    }

    private async Task<GrantKeyRing> RingAsync(TimeSpan notOlder, CancellationToken cancel)
    {
        if (_ring is { } known && known.ReadAt + notOlder > time.GetUtcNow())
        {
            return known;
        }

        await _reading.WaitAsync(cancel);
        try
        {
            if (_ring is not { } meanwhile || meanwhile.ReadAt + notOlder <= time.GetUtcNow())
            {
                _ring = await ReadAsync(cancel);
            }

            return _ring!;
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task<GrantKeyRing> ReadAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var rows = await store.ReadAsync(db => db.GrantKeys.Where(k => k.TrustedUntil == null || k.TrustedUntil > now).ToListAsync(cancel), cancel);
        var known = _ring?.Keys ?? [];
        var keys = new List<ReadyKey>(rows.Count);
        foreach (var row in rows)
        {
            if (known.FirstOrDefault(k => k.Id == row.Id && k.TrustedUntil == row.TrustedUntil && k.X == row.X && k.Y == row.Y) is { } before)
            {
                keys.Add(before);
            }
            else if (Open(row) is { } key)
            {
                keys.Add(new ReadyKey(row.Id, row.X, row.Y, row.SignsFrom, row.TrustedUntil, key));
            }
        }

        return new GrantKeyRing(keys, now);
    }

    private bool IsOurs(GrantKey row)
    {
        using var key = Open(row);
        return key is not null;
    }

    private ECDsa? Open(GrantKey row) => ProtectedKey.Open(_protector, row.X, row.Y, row.PrivateProtected);
}
