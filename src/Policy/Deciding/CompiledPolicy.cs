using System.Collections.Frozen;

namespace Handrail.Policy;

/// <summary>A document made ready for deciding: texts normalised, levels and limits sorted with the most specific first.</summary>
internal sealed class CompiledPolicy
{
    public CompiledPolicy(PolicyDocument document)
    {
        Zone = document.TimeZone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : TimeZoneInfo.Utc;
        Autonomy = document.Autonomy ?? PolicyDocument.DefaultAutonomy;
        Levels = [.. document.Actions.Select(level => new CompiledLevel(level, new(level.Type))).OrderByDescending(level => level.Type.Specificity)];
        Limits = [.. document.Limits.Select(limit => new CompiledLimit(limit)).Order()];
        Rules = [.. document.Rules.Select(rule => new CompiledRule(rule, Zone))];
        Guarantees = [.. document.Guarantees.Select(guarantee => new CompiledGuarantee(guarantee, CompiledCondition.Of(guarantee.NeverAllow, Zone)))];
        Tools = document.Tools.ToFrozenDictionary(tool => ComparableText.Of(tool.Name), tool => new CompiledTool(tool, Comparable(tool.Labels)));
        Taint = [.. document.Taint.Select(row => new CompiledTaint(Comparable(row.When), Comparable(row.Block)))];
    }

    public TimeZoneInfo Zone { get; }

    public Autonomy Autonomy { get; }

    public CompiledLevel[] Levels { get; }

    public CompiledLimit[] Limits { get; }

    public CompiledRule[] Rules { get; }

    public CompiledGuarantee[] Guarantees { get; }

    public FrozenDictionary<string, CompiledTool> Tools { get; }

    public CompiledTaint[] Taint { get; }

    /// <summary>The one limit that counts for an action, or null.</summary>
    public CompiledLimit? LimitFor(Subject subject)
    {
        foreach (var limit in Limits)
            if (limit.Covers(subject)) return limit;
        return null;
    }

    private static string[] Comparable(ValueList<string> texts) => [.. texts.Select(ComparableText.Of)];
}

internal sealed record CompiledLevel(ActionLevel Level, TypePattern Type);

internal sealed record CompiledGuarantee(Guarantee Guarantee, CompiledCondition NeverAllow);

internal sealed record CompiledTool(ToolEntry Entry, string[] Labels)
{
    public Risk? Risk => Entry.Risk;
}

internal sealed record CompiledTaint(string[] When, string[] Block);

internal sealed class CompiledRule(Rule rule, TimeZoneInfo zone)
{
    private readonly TypePattern[] _appliesTo = [.. rule.AppliesTo.Select(type => new TypePattern(type))];

    public Rule Rule => rule;

    public CompiledCondition When { get; } = CompiledCondition.Of(rule.When, zone);

    public bool AppliesTo(string type)
    {
        if (_appliesTo.Length == 0) return true;
        foreach (var pattern in _appliesTo)
            if (pattern.Matches(type)) return true;
        return false;
    }
}
