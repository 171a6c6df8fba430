using Handrail.Access;
using Handrail.Policy;
using Handrail.Store;

namespace Handrail.Policies;

/// <summary>What became of one guarantee with a draft in force.</summary>
/// <param name="Path">Where it stands: in the draft, such as <c>guarantees[0]</c>, or in another layer.</param>
/// <param name="Text">The promise in words.</param>
/// <param name="Outcome">Whether it holds.</param>
/// <param name="Because">Why it is broken, with an action that would go, or why it can't be proven; null when it is proven.</param>
public sealed record GuaranteeReading(string Path, string Text, ProofOutcome Outcome, string? Because);

/// <summary>Which guarantees would hold, asked before anything is published.</summary>
public sealed class GuaranteeQueries(HandrailStore store, PolicySnapshots snapshots, TimeProvider time)
{
    private readonly GuaranteeProofs _proofs = new(store, snapshots, time);

    /// <summary>Every guarantee that a draft has to keep: its own, and those of the layers that it rules with.</summary>
    /// <exception cref="Refusal">No right to look.</exception>
    public Task<IReadOnlyList<GuaranteeReading>> ProveAsync(Caller caller, string scope, PolicyDocument document, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);

        // Proofs count in steps, not in milliseconds: no page waits for them on its own thread.
        return Task.Run<IReadOnlyList<GuaranteeReading>>(
            async () =>
            {
                var (proofs, _) = await _proofs.TryAsync(scope, document, cancel);

                // One of the fleet's may have been tried with several agents' layers: what counts is where it does not hold.
                return
                [
                    .. proofs.GroupBy(p => GuaranteeProofs.PathOf(p, scope, document))
                        .Select(g => (Path: g.Key, Proof: g.FirstOrDefault(p => p.Outcome == ProofOutcome.Broken) ?? g.FirstOrDefault(p => p.Outcome != ProofOutcome.Proven) ?? g.First()))
                        .Select(g => new GuaranteeReading(g.Path, g.Proof.Guarantee.Text ?? ReadAloud.Guarantee(g.Proof.Guarantee), g.Proof.Outcome, g.Proof.Because)),
                ];
            },
            cancel);
    }
}
