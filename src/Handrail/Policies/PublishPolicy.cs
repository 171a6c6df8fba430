using System.Text.Json;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>Publishes one layer as a new version, which rules the very next decision.</summary>
public sealed class PublishPolicy(HandrailStore store, PolicySnapshots snapshots, TimeProvider time)
{
    /// <summary>How often a proof is done anew because another layer was published meanwhile.</summary>
    private const int MostProofs = 5;

    private readonly GuaranteeProofs _guarantees = new(store, snapshots, time);

    /// <param name="scope"><c>fleet</c> or <c>agent:NAME</c>.</param>
    /// <param name="seenVersion">The version that the editor started from; null for whatever is in force.</param>
    /// <exception cref="Refusal">No right, another version in force, a document with errors, each under its path, or a guarantee that would not hold.</exception>
    public Task<PolicyVersion> HandleAsync(Caller caller, string scope, JsonElement policy, long? seenVersion, string? reason, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.EditPolicy);
        var document = Read(policy);
        return ProveAndPublishAsync(caller, scope, document, seenVersion, reason, "policy.publish", cancel);
    }

    /// <summary>Publishes an old version again, as a new one.</summary>
    /// <exception cref="Refusal">No right, no such version, or a guarantee that would not hold.</exception>
    public async Task<PolicyVersion> RollBackAsync(Caller caller, string scope, int version, string? reason, long? seenVersion, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.EditPolicy);
        var old = await store.ReadAsync(caller, db => db.PolicyVersions.SingleOrDefaultAsync(v => v.Scope == scope && v.Version == version, cancel), cancel)
            ?? throw Refusal.NotFound($"version {version} of this policy");
        using var json = JsonDocument.Parse(old.DocumentJson);
        return await ProveAndPublishAsync(caller, scope, Read(json.RootElement), seenVersion, reason ?? $"Rolled back to version {version}", "policy.rollback", cancel);
    }

    /// <summary>Reads a document as it would be published, or finds everything that is wrong with it.</summary>
    public static PolicyParse Check(JsonElement policy)
    {
        var parsed = PolicyDocument.Parse(policy);

        // The rules know no roles; nobody could decide what is put before one that does not exist.
        return parsed.Document?.Review.EscalateTo is { } role && !Permissions.Roles.Contains(role)
            ? new(null, [new("review.escalate_to", $"must be one of the roles {string.Join(", ", Permissions.Roles)}.")])
            : parsed;
    }

    /// <exception cref="Refusal">The document has errors.</exception>
    public static PolicyDocument Read(JsonElement policy)
    {
        var parsed = Check(policy);
        return parsed.Document ?? throw new Refusal(RefusalKind.Unprocessable, "The policy has errors.")
        {
            Errors = parsed.Errors.GroupBy(e => e.Path).ToDictionary(g => g.Key, g => g.Select(e => e.Message).ToArray()),
        };
    }

    /// <summary>What was proven holds only with the layers that it was proven with: where another was published meanwhile, it is proven again.</summary>
    private async Task<PolicyVersion> ProveAndPublishAsync(
        Caller caller, string scope, PolicyDocument document, long? seenVersion, string? reason, string act, CancellationToken cancel)
    {
        for (var proof = 1; proof <= MostProofs; proof++)
        {
            var proven = await _guarantees.ProveAsync(scope, document, cancel);
            var published = await store.WriteAsync(unit => PublishAsync(unit, caller, scope, document, seenVersion, reason, act, proven, cancel), cancel);
            if (published is not null)
            {
                return published;
            }
        }

        throw Refusal.Conflict("Other layers are being published all the time, so that the guarantees can't be proven for long enough. Try again.");
    }

    /// <summary>The fleet's very first policy, which guarantees nothing and meets no other.</summary>
    internal async Task<PolicyVersion> PublishFirstAsync(UnitOfWork unit, PolicyDocument document, CancellationToken cancel) =>
        await PublishAsync(unit, Caller.System, Scopes.Fleet, document, null, "First start", "policy.publish", new Dictionary<string, int>(), cancel)
        ?? throw new InvalidOperationException("There are agents' policies before the fleet has one.");

    /// <returns>The new version; null when another layer was published since the proof.</returns>
    private async Task<PolicyVersion?> PublishAsync(
        UnitOfWork unit, Caller caller, string scope, PolicyDocument document, long? seenVersion, string? reason, string act, IReadOnlyDictionary<string, int> proven, CancellationToken cancel)
    {
        await unit.Db.DemandScopeAsync(caller, scope, cancel);
        await unit.Db.DemandForScopeAsync(caller, Permission.EditPolicy, scope, cancel);
        var head = await unit.Db.PolicyHeads.Where(h => h.Scope == scope).ForUpdate().SingleOrDefaultAsync(cancel);
        if (!await GuaranteeProofs.StillHoldAsync(unit.Db, scope, proven, cancel))
        {
            return null;
        }

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
        if (caller.Kind != CallerKind.System)
        {
            Notices.Published(unit, scope, version.Version, caller.Name);
        }

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
