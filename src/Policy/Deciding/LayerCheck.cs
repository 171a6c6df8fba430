namespace Handrail.Policy;

/// <summary>What one layer's levels, limits, rules and guarantees say of an action.</summary>
internal static class LayerCheck
{
    public static void Run(PolicyLayer layer, scoped ref Subject subject, scoped ref Findings findings)
    {
        var ruling = layer.Policy.Types[subject.Type];
        CheckAutonomyAndLimit(ruling, layer, subject, ref findings);
        foreach (var rule in ruling.Rules) CheckRule(rule, layer, ref subject, ref findings);
        foreach (var guarantee in layer.Policy.Guarantees)
            if (Strictest(guarantee.NeverAllow, layer, ref subject, out _) != Truth.False) findings.Add(guarantee.Holds);
    }

    private static void CheckAutonomyAndLimit(TypeRuling ruling, PolicyLayer layer, scoped in Subject subject, scoped ref Findings findings)
    {
        var limit = ruling.Limits.For(subject);
        if (limit is not null) CheckLimit(limit, ruling.Autonomy, layer, subject, ref findings);

        // At bounded or above, a limit that covers the action has spoken in the level's place.
        if (limit is null || ruling.Autonomy < Autonomy.Bounded) findings.AddLevel(ruling.ByLevel);
    }

    private static void CheckLimit(CompiledLimit limit, Autonomy autonomy, PolicyLayer layer, scoped in Subject subject, scoped ref Findings findings)
    {
        var budget = limit.BudgetAt(subject);
        decimal? used = budget is { } key && subject.Facts.BudgetUsed.TryGetValue(key, out var sum) ? sum : null;
        if (limit.Outside(subject, used) is { } outside)
        {
            findings.Add(new(limit.Name, Verdict.Review, outside, layer.Scope));
        }
        else if (autonomy >= Autonomy.Bounded)
        {
            // Below, the level alone decides, and a limit that would let go has nothing to say.
            findings.Add(new(limit.Name, Verdict.Allow, limit.Inside(subject.Action), layer.Scope));
            if (budget is { } reserved && limit.Limit is { MaxTotal: { } total, Currency: { } currency })
                findings.Reserve(new(reserved, subject.Action.Amount ?? 0, currency, total));
        }
    }

    private static void CheckRule(CompiledRule rule, PolicyLayer layer, scoped ref Subject subject, scoped ref Findings findings)
    {
        var truth = Strictest(rule.When, layer, ref subject, out var asSeenBy);
        if (truth == Truth.True)
        {
            findings.Add(rule.Holds);
        }
        else if (truth == Truth.Unknown)
        {
            var obstacles = new List<string>();
            rule.When.Obstacles(ref subject, asSeenBy, obstacles);
            findings.Add(new(rule.Holds.Rule, Verdict.Review, $"Whether the rule {rule.Rule.Name ?? rule.Rule.Id} holds can't be known: {Say.List(obstacles, "and")}", layer.Scope));
        }
    }

    /// <summary>
    /// Entries of other layers say more of tools, and could so make a condition false that a layer by itself holds true: an agent's policy that calls a tool harmless would
    /// loosen the fleet's. So such a condition is asked both ways, and the answer that holds more back counts.
    /// </summary>
    private static Truth Strictest(CompiledCondition condition, PolicyLayer layer, scoped ref Subject subject, out PolicyLayer? asSeenBy)
    {
        asSeenBy = null;
        var truth = condition.Holds(ref subject, alone: null);
        if (truth == Truth.True || !condition.ReadsToolEntries) return truth;
        var byItself = condition.Holds(ref subject, alone: layer);
        if (byItself <= truth) return truth;
        asSeenBy = layer;
        return byItself;
    }
}
