namespace Handrail.Policy;

/// <summary>What one layer's levels, limits, rules and guarantees say of an action.</summary>
internal static class LayerCheck
{
    public static void Run(PolicyLayer layer, Subject subject, Findings findings)
    {
        CheckAutonomyAndLimit(layer, subject, findings);
        foreach (var rule in layer.Policy.Rules)
            if (rule.AppliesTo(subject.Type)) CheckRule(rule, layer, subject, findings);
        foreach (var guarantee in layer.Policy.Guarantees) CheckGuarantee(guarantee, layer, subject, findings);
    }

    private static void CheckAutonomyAndLimit(PolicyLayer layer, Subject subject, Findings findings)
    {
        var (autonomy, name) = LevelOf(layer.Policy, subject.Type);
        var limit = layer.Policy.LimitFor(subject);
        if (limit is not null) CheckLimit(limit, autonomy, layer, subject, findings);

        switch (autonomy)
        {
            case Autonomy.Autonomous when limit is null: Level(Verdict.Allow, "is autonomous, and no limit covers the action"); break;
            case Autonomy.Bounded when limit is null: Level(Verdict.Review, "is bounded, and no limit covers the action"); break;
            case Autonomy.Autonomous or Autonomy.Bounded: break; // the limit has spoken
            case Autonomy.Suggest: Level(Verdict.Review, "is at suggest: a person decides"); break;
            case Autonomy.Shadow: Level(Verdict.Shadow, "is in shadow: recorded and not done"); break;
            default: Level(Verdict.Deny, "is off"); break;
        }

        void Level(Verdict verdict, string text) => findings.AddLevel($"autonomy:{name}", verdict, $"{(name == "*" ? "Every other action" : name)} {text}", layer);
    }

    private static (Autonomy Autonomy, string Name) LevelOf(CompiledPolicy policy, string type)
    {
        foreach (var level in policy.Levels)
            if (level.Type.Matches(type)) return (level.Level.Autonomy, level.Level.Type);
        return (policy.Autonomy, "*");
    }

    private static void CheckLimit(CompiledLimit limit, Autonomy autonomy, PolicyLayer layer, Subject subject, Findings findings)
    {
        var budget = limit.BudgetAt(layer.Scope, subject, layer.Policy.Zone);
        decimal? used = budget is { } key && subject.Facts.BudgetUsed.TryGetValue(key, out var sum) ? sum : null;
        var name = $"limit:{limit.Key}";
        if (limit.Outside(subject, used) is { } outside)
        {
            findings.Add(name, Verdict.Review, outside, layer);
        }
        else if (autonomy >= Autonomy.Bounded)
        {
            // Below, the level alone decides, and a limit that would let go has nothing to say.
            findings.Add(name, Verdict.Allow, limit.Inside(subject), layer);
            if (budget is { } reserved && limit.Limit is { MaxTotal: { } total, Currency: { } currency })
                findings.Reserve(new(reserved, subject.Action.Amount ?? 0, currency, total));
        }
    }

    private static void CheckRule(CompiledRule compiled, PolicyLayer layer, Subject subject, Findings findings)
    {
        var rule = compiled.Rule;
        var (truth, asSeen) = Strictest(compiled.When, layer, subject);
        if (truth == Truth.Unknown)
        {
            var obstacles = Say.List(compiled.When.Obstacles(asSeen).Distinct(), "and");
            findings.Add($"rule:{rule.Id}", Verdict.Review, $"Whether the rule {rule.Name ?? rule.Id} holds can't be known: {obstacles}", layer);
        }
        else if (truth == Truth.True)
        {
            findings.Add($"rule:{rule.Id}", VerdictOf(rule.Then), rule.Message ?? $"{rule.Name ?? rule.Id}: {ReadAloud.Rule(rule)}", layer);
        }
    }

    /// <summary>
    /// Entries of other layers say more of tools, and could so make a condition false that a layer by itself holds true: an agent's policy that calls a tool harmless would
    /// loosen the fleet's. So such a condition is asked both ways, and the answer that holds more back counts.
    /// </summary>
    private static (Truth Truth, Subject AsSeen) Strictest(CompiledCondition condition, PolicyLayer layer, Subject subject)
    {
        var truth = condition.Holds(subject);
        if (truth == Truth.True || !condition.ReadsToolEntries) return (truth, subject);
        var alone = subject.AloneWith(layer);
        var byItself = condition.Holds(alone);
        return byItself > truth ? (byItself, alone) : (truth, subject);
    }

    private static Verdict VerdictOf(RuleOutcome outcome) => outcome switch
    {
        RuleOutcome.Review => Verdict.Review,
        RuleOutcome.Deny => Verdict.Deny,
        _ => Verdict.Stop,
    };

    private static void CheckGuarantee(CompiledGuarantee compiled, PolicyLayer layer, Subject subject, Findings findings)
    {
        if (Strictest(compiled.NeverAllow, layer, subject).Truth != Truth.False)
            findings.Add($"guarantee:{compiled.Guarantee.Id}", Verdict.Review, compiled.Guarantee.Text ?? $"Never without a person: {compiled.Guarantee.Id}", layer);
    }
}
