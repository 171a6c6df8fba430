using System.Text.Json;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>Publishes one layer as a new version, which rules the very next decision.</summary>
public sealed class PublishPolicy(HandrailStore store, PolicySnapshots snapshots)
{
    /// <param name="scope"><c>fleet</c> or <c>agent:NAME</c>.</param>
    /// <param name="seenVersion">The version that the editor started from; null for whatever is in force.</param>
    /// <exception cref="Refusal">No right, another version in force, or a document with errors, each under its path.</exception>
    public Task<PolicyVersion> HandleAsync(Caller caller, string scope, JsonElement policy, long? seenVersion, string? reason, CancellationToken cancel)
    {
        caller.Demand(Permission.EditPolicy);
        var document = Read(policy);
        return store.WriteAsync(unit => PublishAsync(unit, caller, scope, document, seenVersion, reason, "policy.publish", cancel), cancel);
    }

    /// <summary>Publishes an old version again, as a new one.</summary>
    /// <exception cref="Refusal">No right, or no such version.</exception>
    public Task<PolicyVersion> RollBackAsync(Caller caller, string scope, int version, string? reason, long? seenVersion, CancellationToken cancel)
    {
        caller.Demand(Permission.EditPolicy);
        return store.WriteAsync(
            async unit =>
            {
                var old = await unit.Db.PolicyVersions.AsNoTracking().SingleOrDefaultAsync(v => v.Scope == scope && v.Version == version, cancel)
                    ?? throw Refusal.NotFound($"version {version} of this policy");
                using var json = JsonDocument.Parse(old.DocumentJson);
                return await PublishAsync(unit, caller, scope, Read(json.RootElement), seenVersion, reason ?? $"Rolled back to version {version}", "policy.rollback", cancel);
            },
            cancel);
    }

    /// <exception cref="Refusal">The document has errors.</exception>
    public static PolicyDocument Read(JsonElement policy)
    {
        var parsed = PolicyDocument.Parse(policy);
        var errors = parsed.Errors.ToList();
        if (parsed.Document?.Review.EscalateTo is { } role && !Permissions.Roles.Contains(role))
        {
            // The rules know no roles; nobody could decide what is put before one that does not exist.
            errors.Add(new PolicyError("review.escalate_to", $"must be one of the roles {string.Join(", ", Permissions.Roles)}."));
        }

        return errors.Count == 0 ? parsed.Document! : throw new Refusal(RefusalKind.Unprocessable, "The policy has errors.")
        {
            Errors = errors.GroupBy(e => e.Path).ToDictionary(g => g.Key, g => g.Select(e => e.Message).ToArray()),
        };
    }

    internal async Task<PolicyVersion> PublishAsync(
        UnitOfWork unit, Caller caller, string scope, PolicyDocument document, long? seenVersion, string? reason, string act, CancellationToken cancel)
    {
        var head = await unit.Db.PolicyHeads.Where(h => h.Scope == scope).ForUpdate().SingleOrDefaultAsync(cancel);
        if (head is null)
        {
            head = new PolicyHead { Scope = scope };
            unit.Db.PolicyHeads.Add(head);
        }

        var before = head.Version == 0 ? null : (await snapshots.LayerAsync(unit.Db, scope, head.Version, cancel)).Document;
        if (seenVersion is { } seen && seen != head.Version)
        {
            throw Refusal.Stale(
                $"Somebody published version {head.Version} meanwhile; you started from {seen}.",
                new { scope, version = head.Version, policy = JsonText.Element(before?.ToJson()) });
        }

        head.Version++;
        var version = new PolicyVersion
        {
            Scope = scope,
            Version = head.Version,
            DocumentJson = document.ToJson(),
            By = caller.Name,
            At = unit.Now,
            Reason = reason,
            DiffJson = JsonText.Of(PolicyDiff.Lines(new LayerState(scope, head.Version - 1, before).Rules, document)),
        };
        unit.Db.PolicyVersions.Add(version);
        unit.Record(new AuditEntry(caller, act, scope)
        {
            Reason = reason,
            Before = new { version = head.Version - 1, policy = JsonText.Element(before?.ToJson()) },
            After = new { version = head.Version, policy = JsonText.Element(document.ToJson()) },
        });
        unit.Tell(HintKind.Policy, scope);
        unit.Tell(HintKind.Agent, scope == Scopes.Fleet ? Scopes.Fleet : scope["agent:".Length..]);
        return version;
    }
}
