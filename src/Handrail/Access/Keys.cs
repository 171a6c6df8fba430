using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>An agent key as administrators and the owners of its team see it: never the key itself.</summary>
public sealed record KeyReading(
    string Id, string Name, string Team, IReadOnlyList<string>? Agents, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

/// <summary>Keys that agents call with. Administrators see and make all, owners of a team its own.</summary>
public sealed class Keys(HandrailStore store)
{
    /// <summary>So long the key before goes on beside the one that replaces it, unless it is said otherwise.</summary>
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromDays(1);

    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(30);

    /// <summary>The team of what names none.</summary>
    public const string DefaultTeam = "default";

    public Task<IReadOnlyList<KeyReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<KeyReading>>(
        async db =>
        {
            DemandSome(caller);
            var keys = await db.AgentKeys.OrderBy(k => k.Id).ToListAsync(cancel);
            keys.RemoveAll(k => !MayManage(caller, k.Team));
            return keys.ConvertAll(k => new KeyReading(
                k.Id, k.Name, k.Team, JsonText.Read<List<string>>(k.AgentsJson), k.CreatedBy, k.CreatedAt, k.ExpiresAt, k.RevokedAt, k.LastUsedAt));
        },
        cancel);

    /// <summary>True when the caller makes and takes away keys of some team at least.</summary>
    public static bool MayManageSome(Caller caller) => caller.May(Permission.Administer) || caller.OwnTeams.Any();

    /// <exception cref="Refusal">The caller has to do with no key.</exception>
    public static void DemandSome(Caller caller)
    {
        if (!MayManageSome(caller))
        {
            throw caller.Lacks(Permission.Administer);
        }
    }

    /// <param name="team">Null for the default one; for an owner of one team, that.</param>
    /// <param name="agents">Agents the key is limited to; null for all of the team's.</param>
    /// <exception cref="Refusal">The caller has no right to make keys of this team.</exception>
    public Task<IssuedSecret> IssueAsync(Caller caller, string name, string? team, IReadOnlyList<string>? agents, DateTimeOffset? expiresAt, CancellationToken cancel)
    {
        DemandSome(caller);
        team ??= !caller.May(Permission.Administer) && caller.OwnTeams.ToList() is [var own] ? own : DefaultTeam;
        if (!MayManage(caller, team))
        {
            throw Refusal.NotAllowed($"You own no team '{team}': its keys are made by its owners and by administrators.");
        }

        return store.WriteAsync(
            unit =>
            {
                var secret = Secrets.New(Secrets.AgentPrefix);
                var key = Add(unit.Db, name, team, agents, secret, caller.Name, expiresAt, unit.Now);
                unit.Record(new AuditEntry(caller, "key.issue", $"key:{key.Id}") { After = new { name, key.Team, agents, expires_at = expiresAt } });
                return Task.FromResult(new IssuedSecret(key.Id, secret));
            },
            cancel);
    }

    /// <summary>Makes another key for the same agents; this one ends after the overlap, or when it would have anyway.</summary>
    /// <exception cref="Refusal">No right, no such key, or it does not hold any more.</exception>
    public Task<IssuedSecret> RotateAsync(Caller caller, string id, TimeSpan overlap, CancellationToken cancel)
    {
        DemandSome(caller);
        return store.WriteAsync(
            async unit =>
            {
                var old = Known(caller, id, await unit.Db.AgentKeys.Where(k => k.Id == id).ForUpdate().SingleOrDefaultAsync(cancel));
                if (old.RevokedAt is not null || old.ExpiresAt <= unit.Now)
                {
                    throw Refusal.Conflict("This key does not hold any more; make a new one.");
                }

                var (secret, life) = (Secrets.New(Secrets.AgentPrefix), old.ExpiresAt - old.CreatedAt);
                var key = Add(unit.Db, old.Name, old.Team, JsonText.Read<List<string>>(old.AgentsJson), secret, caller.Name, unit.Now + life, unit.Now);
                var ends = unit.Now + overlap;
                old.ExpiresAt = old.ExpiresAt < ends ? old.ExpiresAt : ends;
                unit.Record(new AuditEntry(caller, "key.rotate", $"key:{id}") { After = new { successor = key.Id, expires_at = old.ExpiresAt } });
                unit.Tell(HintKind.AgentKey, id);
                return new IssuedSecret(key.Id, secret);
            },
            cancel);
    }

    /// <exception cref="Refusal">No right, or no such key.</exception>
    public Task RevokeAsync(Caller caller, string id, CancellationToken cancel)
    {
        DemandSome(caller);
        return store.WriteAsync(
            async unit =>
            {
                var key = Known(caller, id, await unit.Db.AgentKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == id, cancel));
                await unit.Db.AgentKeys.Where(k => k.Id == id).ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, k => k.RevokedAt ?? unit.Now), cancel);
                unit.Record(new AuditEntry(caller, "key.revoke", $"key:{id}")
                {
                    Tightens = true, Before = new { key.Name, key.Team, expires_at = key.ExpiresAt, revoked_at = key.RevokedAt }, After = new { revoked_at = key.RevokedAt ?? unit.Now },
                });
                unit.Tell(HintKind.AgentKey, id);
            },
            cancel);
    }

    private static bool MayManage(Caller caller, string team) => caller.May(Permission.Administer) || caller.OwnTeams.Contains(team, StringComparer.Ordinal);

    /// <exception cref="Refusal">There is no such key, or none for this caller.</exception>
    private static AgentKey Known(Caller caller, string id, AgentKey? key) => key is not null && MayManage(caller, key.Team) ? key : throw Refusal.NotFound($"key '{id}'");

    internal static AgentKey Add(
        HandrailDb db, string name, string? team, IReadOnlyList<string>? agents, string secret, string by, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        var key = new AgentKey
        {
            Id = $"k-{Guid.CreateVersion7():n}",
            Name = name,
            Hash = Secrets.Hash(secret),
            Team = team ?? DefaultTeam,
            AgentsJson = agents is null ? null : JsonText.Of(agents),
            CreatedBy = by,
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };
        db.AgentKeys.Add(key);
        return key;
    }
}
