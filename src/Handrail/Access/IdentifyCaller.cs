using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>
/// Who a secret belongs to. Asked of the database with every request, so that what is revoked, expired or taken away is refused
/// with the next one, in every process.
/// </summary>
public sealed class IdentifyCaller(HandrailStore store, TimeProvider time)
{
    /// <summary>How exact "last used" is: a write a request would be too dear.</summary>
    private static readonly TimeSpan LastUsedGrain = TimeSpan.FromMinutes(1);

    /// <summary>Null when the secret is unknown, expired or revoked, or its person is locked out or gone.</summary>
    public async Task<Caller?> HandleAsync(string secret, CancellationToken cancel)
    {
        var hash = Secrets.Hash(secret);
        var now = time.GetUtcNow();
        var found = await store.ReadAsync(db => FindAsync(db, hash, now, cancel), cancel);
        if (found is { Stale: true })
        {
            await TouchAsync(found.Value.Caller.Kind, hash, now, cancel);
        }

        return found?.Caller;
    }

    private static async Task<(Caller Caller, bool Stale)?> FindAsync(HandrailDb db, string hash, DateTimeOffset now, CancellationToken cancel)
    {
        if (await db.AgentKeys.SingleOrDefaultAsync(k => k.Hash == hash, cancel) is { } key)
        {
            return key.RevokedAt is not null || key.ExpiresAt <= now
                ? null
                : (new Caller { Kind = CallerKind.AgentKey, Id = key.Id, Name = key.Name, Team = key.Team, Agents = JsonText.Read<List<string>>(key.AgentsJson) },
                    Stale(key.LastUsedAt, now));
        }

        if (await db.PersonalTokens.SingleOrDefaultAsync(t => t.Hash == hash, cancel) is not { } token || token.RevokedAt is not null || token.ExpiresAt <= now)
        {
            return null;
        }

        var person = await db.Users.SingleOrDefaultAsync(p => p.Id == token.PersonId, cancel);
        if (person is null || person.LockoutEnd > now)
        {
            return null;
        }

        var roles = await db.UserRoles.Where(r => r.UserId == person.Id).Join(db.Roles, r => r.RoleId, r => r.Id, (_, r) => r.Name!).ToListAsync(cancel);
        return (new Caller { Kind = CallerKind.Person, Id = person.Id, Name = person.Email!, Roles = roles.ToHashSet(StringComparer.Ordinal) }, Stale(token.LastUsedAt, now));
    }

    private static bool Stale(DateTimeOffset? lastUsed, DateTimeOffset now) => lastUsed is null || now - lastUsed > LastUsedGrain;

    private async Task TouchAsync(CallerKind kind, string hash, DateTimeOffset now, CancellationToken cancel)
    {
        try
        {
            await store.WriteAsync(
                unit => kind == CallerKind.AgentKey
                    ? unit.Db.AgentKeys.Where(k => k.Hash == hash).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsedAt, now), cancel)
                    : unit.Db.PersonalTokens.Where(t => t.Hash == hash).ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, now), cancel),
                cancel);
        }
        catch (System.Data.Common.DbException)
        {
            // When it was last used is good to know; the request itself will say that the database is away.
        }
    }
}
