using System.Globalization;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Policies;

/// <summary>
/// Proves what guarantees promise before a layer is published: an agent's layer together with the fleet's, the fleet's with every agent's. It is done before the publishing
/// transaction, so that it holds nobody up; inside, <see cref="StillHoldAsync"/> asks whether the other layers are still those that it was done with.
/// </summary>
internal sealed class GuaranteeProofs(HandrailStore store, PolicySnapshots snapshots, TimeProvider time)
{
    /// <summary>Proves all guarantees with a document in force in a scope.</summary>
    /// <returns>The versions of the other layers that it was done with, by scope.</returns>
    /// <exception cref="Refusal">A guarantee is broken or can't be proven: each with its reason, which for a broken one is an action that would go.</exception>
    public async Task<IReadOnlyDictionary<string, int>> ProveAsync(string scope, PolicyDocument document, CancellationToken cancel)
    {
        var (proofs, others) = await TryAsync(scope, document, cancel);
        var failed = proofs.Where(p => p.Outcome != ProofOutcome.Proven).ToList();
        return failed.Count == 0 ? others : throw new Refusal(RefusalKind.Unprocessable, "A guarantee would not hold, or can't be proven to.")
        {
            Errors = failed.GroupBy(p => PathOf(p, scope, document)).ToDictionary(g => g.Key, g => g.Select(p => p.Because!).ToArray()),
        };
    }

    /// <summary>What becomes of every guarantee with a document in force in a scope, and the versions of the other layers, by scope.</summary>
    public async Task<(IReadOnlyList<GuaranteeProof> Proofs, IReadOnlyDictionary<string, int> Others)> TryAsync(string scope, PolicyDocument document, CancellationToken cancel)
    {
        var (others, layers) = await store.ReadAsync(
            async db =>
            {
                var heads = await Others(db, scope).ToDictionaryAsync(h => h.Scope, h => h.Version, cancel);
                var read = new List<(string Scope, PolicyLayer Layer)>();
                foreach (var (other, version) in heads)
                {
                    read.Add((other, await snapshots.LayerAsync(db, other, version, cancel)));
                }

                return (heads, read);
            },
            cancel);

        var now = time.GetUtcNow();
        var proofs = scope == Scopes.Fleet
            ? Prover.ProveFleet(new(PolicyLayer.Fleet, 0, document), layers.Select(l => (AgentOf(l.Scope), l.Layer)), now)
            : Prover.Prove([.. layers.Select(l => l.Layer), new(PolicyLayer.Agent, 0, document)], AgentOf(scope), now);
        return (proofs, others);
    }

    /// <summary>
    /// Whether the other layers are those that a proof was done with. The publisher holds its own head by then: an agent's layer holds the fleet's as well, so that of two who
    /// publish at once one sees the other.
    /// </summary>
    public static async Task<bool> StillHoldAsync(HandrailDb db, string scope, IReadOnlyDictionary<string, int> proven, CancellationToken cancel)
    {
        var others = Others(db, scope);
        var heads = await (scope == Scopes.Fleet ? others : others.ForShare()).ToListAsync(cancel);
        return heads.Count == proven.Count && heads.TrueForAll(h => proven.TryGetValue(h.Scope, out var version) && version == h.Version);
    }

    private static IQueryable<PolicyHead> Others(HandrailDb db, string scope) =>
        scope == Scopes.Fleet
            ? db.PolicyHeads.AsNoTracking().Where(h => h.Scope != Scopes.Fleet && h.Version > 0)
            : db.PolicyHeads.AsNoTracking().Where(h => h.Scope == Scopes.Fleet && h.Version > 0);

    private static string AgentOf(string scope) => scope["agent:".Length..];

    /// <summary>Where the guarantee stands: in the document that is published, or in another layer.</summary>
    public static string PathOf(GuaranteeProof proof, string scope, PolicyDocument document)
    {
        var own = (proof.Layer == PolicyLayer.Fleet) == (scope == Scopes.Fleet);
        if (own)
        {
            return string.Create(CultureInfo.InvariantCulture, $"guarantees[{document.Guarantees.ToList().IndexOf(proof.Guarantee)}]");
        }

        return $"{(proof.Layer == PolicyLayer.Fleet ? Scopes.Fleet : Scopes.Agent(proof.Agent!))}: guarantee {proof.Guarantee.Id}";
    }
}
