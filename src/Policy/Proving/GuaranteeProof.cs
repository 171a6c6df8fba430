namespace Handrail.Policy;

/// <summary>What became of the attempt to prove one guarantee.</summary>
/// <param name="Layer">The scope of the layer that gives the guarantee.</param>
/// <param name="Guarantee">The guarantee.</param>
/// <param name="Agent">The agent whose stack of layers it was to hold for; null for every agent.</param>
/// <param name="Outcome">Whether it holds.</param>
/// <param name="Because">Why it is broken or unproven, in a sentence; null when it is proven.</param>
/// <param name="Counterexample">An action that would go although the guarantee describes it, where it is broken.</param>
public sealed record GuaranteeProof(string Layer, Guarantee Guarantee, string? Agent, ProofOutcome Outcome, string? Because = null, Counterexample? Counterexample = null);

/// <summary>Whether a guarantee holds.</summary>
public enum ProofOutcome
{
    /// <summary>No action that it describes, or of which that can't be known, can be allowed.</summary>
    Proven,

    /// <summary>One such action would be allowed.</summary>
    Broken,

    /// <summary>It speaks of what can't be decided here, or there is too much to decide.</summary>
    Unproven,
}
