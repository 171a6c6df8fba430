using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Access;

/// <summary>An agent key as administrators see it: never the key itself.</summary>
public sealed record KeyReading(
    string Id, string Name, string Team, IReadOnlyList<string>? Agents, string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt);

/// <summary>Keys that agents call with.</summary>
public sealed class Keys(HandrailStore store)
{
    /// <summary>The team of what names none.</summary>
    public const string DefaultTeam = "default";

    public Task<IReadOnlyList<KeyReading>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync<IReadOnlyList<KeyReading>>(
        async db =>
        {
            caller.Demand(Permission.Administer);
            var keys = await db.AgentKeys.OrderBy(k => k.Id).ToListAsync(cancel);
            return keys.ConvertAll(k => new KeyReading(
                k.Id, k.Name, k.Team, JsonText.Read<List<string>>(k.AgentsJson), k.CreatedBy, k.CreatedAt, k.ExpiresAt, k.RevokedAt, k.LastUsedAt));
        },
        cancel);

    /// <param name="agents">Agents the key is limited to; null for all of the team's.</param>
    public Task<IssuedSecret> IssueAsync(Caller caller, string name, string? team, IReadOnlyList<string>? agents, DateTimeOffset? expiresAt, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
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

    /// <exception cref="Refusal">No right, or no such key.</exception>
    public Task RevokeAsync(Caller caller, string id, CancellationToken cancel)
    {
        caller.Demand(Permission.Administer);
        return store.WriteAsync(
            async unit =>
            {
                var key = await unit.Db.AgentKeys.AsNoTracking().SingleOrDefaultAsync(k => k.Id == id, cancel) ?? throw Refusal.NotFound($"key '{id}'");
                await unit.Db.AgentKeys.Where(k => k.Id == id).ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, k => k.RevokedAt ?? unit.Now), cancel);
                unit.Record(new AuditEntry(caller, "key.revoke", $"key:{id}")
                {
                    Tightens = true, Before = new { key.Name, key.Team, expires_at = key.ExpiresAt, revoked_at = key.RevokedAt }, After = new { revoked_at = key.RevokedAt ?? unit.Now },
                });
                unit.Tell(HintKind.AgentKey, id);
            },
            cancel);
    }

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
