using System.Collections.Concurrent;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>
/// Marks a door that checks the caller's key again in the transaction of its deed: there it need not be asked for before, and a key
/// that is revoked meanwhile is refused all the same.
/// </summary>
public sealed class KeyCheckedWithTheDeed;

/// <summary>
/// Marks a door through which a stop is given or heard of: with the database slow, full or gone, whoever was known to this process a short
/// while ago is let in by memory. Nothing can be done there without the database but to hold what tightens.
/// </summary>
public sealed class OpenWithoutDatabase;

/// <summary>
/// Who a secret belongs to. Asked of the database with every request, so that what is revoked, expired or taken away is refused
/// with the next one, in every process.
/// </summary>
public sealed class IdentifyCaller(HandrailStore store, TimeProvider time)
{
    /// <summary>How exact "last used" is: a write a request would be too dear.</summary>
    private static readonly TimeSpan LastUsedGrain = TimeSpan.FromMinutes(1);

    /// <summary>Keys remembered for doors that check again; more than a fleet has.</summary>
    private const int MostRemembered = 10_000;

    /// <summary>A working day: whoever is on call has used the console in it.</summary>
    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(12);

    /// <summary>How long the database may take before memory is asked, at a door that is open without it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset At)> _lastKnown = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset Until)> _remembered = new(StringComparer.Ordinal);

    /// <summary>Null when the secret is unknown, expired or revoked, or its person is gone.</summary>
    /// <param name="checkedAgain">The deed's own transaction will ask whether the key still holds: an agent key known a moment ago will do.</param>
    public async Task<Caller?> HandleAsync(string secret, bool checkedAgain, CancellationToken cancel)
    {
        var hash = Secrets.Hash(secret);
        return checkedAgain && Remembered(hash) is { } known ? known : await AskAsync(hash, cancel);
    }

    /// <summary>The same, and where the database fails or takes too long, by what this process knew last.</summary>
    /// <inheritdoc cref="HandleAsync"/>
    public async Task<Caller?> EvenWithoutDatabaseAsync(string secret, bool checkedAgain, CancellationToken cancel)
    {
        var hash = Secrets.Hash(secret);
        if (checkedAgain && Remembered(hash) is { } remembered)
        {
            return remembered;
        }

        if (!_lastKnown.TryGetValue(hash, out var last) || time.GetUtcNow() - last.At >= KnownFor)
        {
            return await AskAsync(hash, cancel);
        }

        try
        {
            // SQLite waits on the thread that asks.
            return await Task.Run(() => AskAsync(hash, cancel), cancel).WaitAsync(Patience, time, cancel);
        }
        catch (Exception e) when (StorageFault.Is(e))
        {
            return last.Caller;
        }
    }

    /// <summary>True when this process has seen the secret to be good, a while ago at most.</summary>
    public bool Knows(string secret) => _lastKnown.TryGetValue(Secrets.Hash(secret), out var last) && time.GetUtcNow() - last.At < KnownFor;

    private Caller? Remembered(string hash) => _remembered.TryGetValue(hash, out var known) && time.GetUtcNow() < known.Until ? known.Caller : null;

    private async Task<Caller?> AskAsync(string hash, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var found = await store.ReadAsync(db => FindAsync(db, hash, now, cancel), cancel);
        Know(hash, found?.Caller, now);
        if (found is { Stale: true })
        {
            await TouchAsync(found.Value.Caller.Kind, hash, now, cancel);
        }

        return Remember(hash, found?.Caller, now);
    }

    private void Know(string hash, Caller? caller, DateTimeOffset now)
    {
        if (caller is null)
        {
            _lastKnown.TryRemove(hash, out _);
            return;
        }

        if (_lastKnown.Count >= MostRemembered)
        {
            _lastKnown.Clear();
        }

        _lastKnown[hash] = (caller, now);
    }

    /// <returns>The caller, and the very one known before where nothing of it has changed: a key's thousand connections then hold one.</returns>
    private Caller? Remember(string hash, Caller? caller, DateTimeOffset now)
    {
        if (caller is not { Kind: CallerKind.AgentKey })
        {
            _remembered.TryRemove(hash, out _);
            return caller;
        }

        if (_remembered.TryGetValue(hash, out var known) && IsSame(known.Caller, caller))
        {
            caller = known.Caller;
        }

        if (_remembered.Count >= MostRemembered)
        {
            _remembered.Clear();
        }

        _remembered[hash] = (caller, now + LastUsedGrain);
        return caller;
    }

    private static bool IsSame(Caller one, Caller other) =>
        one with { Agents = null } == other with { Agents = null } && (one.Agents is null ? other.Agents is null : other.Agents is not null && one.Agents.SequenceEqual(other.Agents, StringComparer.Ordinal));

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
        if (person is null)
        {
            return null;
        }

        var roles = await db.UserRoles.Where(r => r.UserId == person.Id).Join(db.Roles, r => r.RoleId, r => r.Id, (_, r) => r.Name!).ToListAsync(cancel);
        return (Caller.Of(person, roles), Stale(token.LastUsedAt, now));
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
