namespace Handrail.Policy;

/// <summary>
/// Proves guarantees: decides whether levels, limits and rules could let an action go that <c>never_allow</c> describes, or of which that can't be known. The gate's own
/// holding on to guarantees counts for nothing here; it is there for the day when this proof should be wrong.
/// </summary>
public static class Prover
{
    /// <summary>How many choices are tried for one guarantee before it counts as unproven.</summary>
    private const int MostSteps = 20_000;

    /// <summary>Tries to prove every guarantee of a stack of layers.</summary>
    /// <param name="layers">The fleet's layer and the agent's, if it has one of its own.</param>
    /// <param name="agent">The agent that the second layer is of; null for every agent.</param>
    /// <param name="now">From when on: where clocks of several zones are read, guarantees are proven for a year.</param>
    public static IReadOnlyList<GuaranteeProof> Prove(IReadOnlyList<PolicyLayer> layers, string? agent, DateTimeOffset now) =>
        [.. layers.SelectMany(layer => layer.Policy.Guarantees.Select(guarantee => Prove(layers, layer, guarantee, agent, now)))];

    /// <summary>
    /// Tries to prove every guarantee of the fleet's layer and of all agents' layers under it. An agent's layer only ever holds more back, so that what the fleet's layer keeps
    /// by itself it keeps with each; only where a guarantee speaks of what tool entries say may an agent's entries make it mean more.
    /// </summary>
    /// <param name="fleet">The fleet's layer.</param>
    /// <param name="agents">The layers of the agents that have one.</param>
    /// <param name="now">From when on.</param>
    public static IReadOnlyList<GuaranteeProof> ProveFleet(PolicyLayer fleet, IEnumerable<(string Agent, PolicyLayer Layer)> agents, DateTimeOffset now)
    {
        var proofs = Prove([fleet], null, now).ToList();
        var sensitive = Array.FindAll(fleet.Policy.Guarantees, guarantee => guarantee.NeverAllow.ReadsToolEntries);
        foreach (var (agent, layer) in agents)
        {
            proofs.AddRange(sensitive.Select(guarantee => Prove([fleet, layer], fleet, guarantee, agent, now)));
            proofs.AddRange(layer.Policy.Guarantees.Select(guarantee => Prove([fleet, layer], layer, guarantee, agent, now)));
        }

        return proofs;
    }

    private static GuaranteeProof Prove(IReadOnlyList<PolicyLayer> layers, PolicyLayer layer, CompiledGuarantee compiled, string? agent, DateTimeOffset now)
    {
        var guarantee = compiled.Guarantee;
        try
        {
            // What it certainly describes makes the better example; that it may describe something is enough to break it.
            if (Find(Outcomes.Unknown | Outcomes.True) is not { } found) return new(layer.Scope, guarantee, agent, ProofOutcome.Proven);
            var example = Find(Outcomes.True) ?? found;
            return GoesAgainst(layers, layer, guarantee, example)
                ? new(layer.Scope, guarantee, agent, ProofOutcome.Broken, Because(guarantee, example), example)
                : throw new BeyondProofException("the gate decides an action found otherwise than expected");
        }
        catch (BeyondProofException beyond)
        {
            return new(layer.Scope, guarantee, agent, ProofOutcome.Unproven, $"Whether \"{guarantee.Text ?? ReadAloud.Guarantee(guarantee)}\" holds can't be proven: {beyond.Message}");
        }

        Counterexample? Find(Outcomes described) => Prover.Find(layers, layer, compiled, described, agent, now);
    }

    private static Counterexample? Find(IReadOnlyList<PolicyLayer> layers, PolicyLayer layer, CompiledGuarantee guarantee, Outcomes described, string? agent, DateTimeOffset now)
    {
        var freedom = new Freedom(agent, now);
        var allowed = new AllowedActions(layers, freedom);
        var never = allowed.Describing(guarantee.NeverAllow, layer);
        var nesting = freedom.Nesting().Select(formula => new Demand(formula, Outcomes.True)).ToList();
        var search = new Search(MostSteps);
        foreach (var type in allowed.Types(never))
        {
            if (allowed.For(type) is not { } demands) continue;
            freedom[FieldId.Type].Settle(type);
            if (!search.Finds([new(never, described), .. nesting, .. demands])) continue;
            var (action, facts, at) = freedom.Chosen();
            return new(action, facts with { BudgetUsed = Gate.BudgetsFor(layers, action, facts.SessionId, at).Distinct().ToDictionary(budget => budget, _ => 0m) }, at, described == Outcomes.True);
        }

        return null;
    }

    private static string Because(Guarantee guarantee, Counterexample example) =>
        $"\"{guarantee.Text ?? ReadAloud.Guarantee(guarantee)}\" would not hold: {(example.IsCertain ? "" : "it can't be known whether it means this action, and ")}this would go without a person: {example.Describe()}";

    /// <summary>Whether the gate really lets an example go once guarantees are left out, and really takes it for described once they are in.</summary>
    private static bool GoesAgainst(IReadOnlyList<PolicyLayer> layers, PolicyLayer layer, Guarantee guarantee, Counterexample example) =>
        Gate.Decide(WithoutGuarantees(layers), example.Action, example.Facts, example.At).Verdict == Verdict.Allow
        && Gate.Decide(layers, example.Action, example.Facts, example.At).Reasons.Any(reason => reason.Rule == $"guarantee:{guarantee.Id}" && reason.Layer == layer.Scope);

    private static PolicyLayer[] WithoutGuarantees(IReadOnlyList<PolicyLayer> layers) =>
        [.. layers.Select(layer => new PolicyLayer(layer.Scope, layer.Version, layer.Document with { Guarantees = [] }))];
}
