using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>A document made ready for deciding: texts normalised, and for every action type what rules it.</summary>
internal sealed class CompiledPolicy
{
    public CompiledPolicy(string scope, PolicyDocument document)
    {
        Zone = document.TimeZone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : TimeZoneInfo.Utc;
        var levels = document.Actions.Select(level => (Type: new TypePattern(level.Type), Level: level)).OrderByDescending(level => level.Type.Specificity).ToList();
        var limits = document.Limits.Select(limit => new CompiledLimit(limit, scope, Zone)).ToList();
        HasBudgets = limits.Exists(limit => limit.Limit.MaxTotal is not null);
        Rules = [.. document.Rules.Select(rule => new CompiledRule(rule, scope, Zone))];
        Types = new(
            [.. levels.Select(level => level.Type), .. limits.Select(limit => limit.Type).OfType<TypePattern>(), .. Rules.SelectMany(rule => rule.AppliesTo)],
            types => new(
                levels.Find(level => types is { } some && level.Type.Includes(some)).Level ?? new("*", document.Autonomy ?? PolicyDocument.DefaultAutonomy),
                scope,
                new(limits.FindAll(limit => limit.Type is not { } pattern || (types is { } some && pattern.Includes(some)))),
                Array.FindAll(Rules, rule => rule.AppliesTo.Length == 0 || (types is { } some && Array.Exists(rule.AppliesTo, pattern => pattern.Includes(some))))));
        Guarantees = [.. document.Guarantees.Select(guarantee => new CompiledGuarantee(guarantee, scope, Zone))];
        ToolsByName = document.Tools.ToFrozenDictionary(tool => ComparableText.Of(tool.Name), tool => new CompiledTool(tool, Comparable(tool.Labels), scope), StringComparer.Ordinal);
        Tools = ToolsByName.GetAlternateLookup<ReadOnlySpan<char>>();
        Taint = [.. document.Taint.Select(row => new CompiledTaint(Comparable(row.When), Comparable(row.Block)))];
        TwoPersonCurrency = document.Review.TwoPersonOver is { } over ? ComparableText.Of(over.Currency) : null;
    }

    public TimeZoneInfo Zone { get; }

    public TypeTable<TypeRuling> Types { get; }

    /// <summary>Whether any limit has one: most policies have none, and then nothing has to be looked up.</summary>
    public bool HasBudgets { get; }

    public CompiledRule[] Rules { get; }

    public CompiledGuarantee[] Guarantees { get; }

    /// <summary>Tool entries by comparable name.</summary>
    public FrozenDictionary<string, CompiledTool> ToolsByName { get; }

    /// <summary>The same, for a name that is no string of its own.</summary>
    public FrozenDictionary<string, CompiledTool>.AlternateLookup<ReadOnlySpan<char>> Tools { get; }

    public CompiledTaint[] Taint { get; }

    public string? TwoPersonCurrency { get; }

    private static string[] Comparable(ValueList<string> texts) => [.. texts.Select(ComparableText.Of)];
}

/// <summary>What rules one action type: its level, the limits that cover it and the rules that look at it.</summary>
internal sealed class TypeRuling(ActionLevel level, string scope, LimitTable limits, CompiledRule[] rules)
{
    public Autonomy Autonomy => level.Autonomy;

    /// <summary>What the level says where no limit has spoken already.</summary>
    public Reason ByLevel { get; } = Say(level, scope);

    public LimitTable Limits => limits;

    public CompiledRule[] Rules => rules;

    private static Reason Say(ActionLevel level, string scope)
    {
        var (verdict, says) = level.Autonomy switch
        {
            Autonomy.Autonomous => (Verdict.Allow, "is autonomous, and no limit covers the action"),
            Autonomy.Bounded => (Verdict.Review, "is bounded, and no limit covers the action"),
            Autonomy.Suggest => (Verdict.Review, "is at suggest: a person decides"),
            Autonomy.Shadow => (Verdict.Shadow, "is in shadow: recorded and not done"),
            _ => (Verdict.Deny, "is off"),
        };
        return new($"autonomy:{level.Type}", verdict, $"{(level.Type == "*" ? "Every other action" : level.Type)} {says}", scope);
    }
}

internal sealed class CompiledRule(Rule rule, string scope, TimeZoneInfo zone)
{
    public Rule Rule => rule;

    public TypePattern[] AppliesTo { get; } = [.. rule.AppliesTo.Select(type => new TypePattern(type))];

    public CompiledCondition When { get; } = CompiledCondition.Of(rule.When, zone);

    /// <summary>What it says of an action that it describes.</summary>
    public Reason Holds { get; } = new($"rule:{rule.Id}", VerdictOf(rule.Then), rule.Message ?? $"{rule.Name ?? rule.Id}: {ReadAloud.Rule(rule)}", scope);

    private static Verdict VerdictOf(RuleOutcome outcome) => outcome switch
    {
        RuleOutcome.Review => Verdict.Review,
        RuleOutcome.Deny => Verdict.Deny,
        _ => Verdict.Stop,
    };
}

internal sealed class CompiledGuarantee(Guarantee guarantee, string scope, TimeZoneInfo zone)
{
    public Guarantee Guarantee => guarantee;

    public CompiledCondition NeverAllow { get; } = CompiledCondition.Of(guarantee.NeverAllow, zone);

    /// <summary>What it says of an action that it describes, or may describe.</summary>
    public Reason Holds { get; } = new($"guarantee:{guarantee.Id}", Verdict.Review, guarantee.Text ?? $"Never without a person: {guarantee.Id}", scope);
}

internal sealed class CompiledTool(ToolEntry entry, string[] labels, string scope)
{
    public ToolEntry Entry => entry;

    public string[] Labels => labels;

    public Risk? Risk => entry.Risk;

    public Reason NotEnabled { get; } = new($"tool:{entry.Name}", Verdict.Deny, $"The tool {entry.Name} is not enabled", scope);
}

internal sealed record CompiledTaint(string[] When, string[] Block);
