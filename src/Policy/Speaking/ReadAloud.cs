namespace Handrail.Policy;

/// <summary>Says in plain English what the parts of a policy mean.</summary>
public static class ReadAloud
{
    /// <summary>Such as <c>Deny any expense.* whose vendor is Casino Royale or Coinhub</c>.</summary>
    public static string Rule(Rule rule)
    {
        var outcome = rule.Then switch
        {
            RuleOutcome.Review => "Ask a person about",
            RuleOutcome.Deny => "Deny",
            _ => "Stop the session at",
        };
        var types = rule.AppliesTo.Count == 0 ? "action" : Say.List(rule.AppliesTo, "or");
        return rule.When is AllOf { Parts.Count: 0 } ? $"{outcome} any {types}" : $"{outcome} any {types} whose {Condition(rule.When)}";
    }

    /// <summary>Such as <c>expense.approve in meals may go up to 25.00 USD</c>.</summary>
    public static string Limit(Limit limit)
    {
        var what = limit.Type ?? "Any action";
        if (limit.Category is { } category) what += $" in {category}";
        if (limit.Vendor is { } vendor) what += $" with {vendor}";
        return $"{what} may go {Bounds(limit)}";
    }

    /// <summary>How far a limit lets go, such as <c>up to 25.00 USD and with a confidence of at least 0.8</c>.</summary>
    public static string Bounds(Limit limit)
    {
        List<string> bounds = [];
        if (limit.MaxAmount is { } most) bounds.Add($"up to {Say.Money(most, limit.Currency)}");
        if (limit is { MaxAmount: null, MaxTotal: null, Currency: { } currency }) bounds.Add($"in {currency}");
        if (limit.MaxTotal is { } total) bounds.Add($"up to {Say.Money(total, limit.Currency)} in all per {limit.Per?.Word()}");
        if (limit.MinConfidence is { } least) bounds.Add($"with a confidence of at least {Say.Number(least)}");
        return $"{(bounds.Count == 0 ? "without bound" : Say.List(bounds, "and"))}{(limit.Until is { } day ? $", until {Say.Day(day)}" : "")}";
    }

    /// <summary>Such as <c>Stop a session whose cost_usd is over 2</c>.</summary>
    public static string Breaker(Breaker breaker)
    {
        var scope = breaker.Scope switch
        {
            BreakerScope.Session => "a session",
            BreakerScope.Agent => "the agent",
            _ => "the fleet",
        };
        var outcome = breaker.Then switch
        {
            BreakerOutcome.Alert => $"Alert on-call about {scope}",
            BreakerOutcome.Review => $"Send every further action to a person in {scope}",
            BreakerOutcome.Pause => $"Pause {scope}",
            _ => $"Stop {scope}",
        };
        var unit = breaker.Currency is { } currency ? $" {currency}" : "";
        var window = breaker.Window is { } past ? $" within {Say.Duration(past)}" : "";
        return $"{outcome} whose {breaker.Metric.Word()}{window} is over {Say.Number(breaker.Threshold)}{unit}";
    }

    /// <summary>Such as <c>Once untrusted and sensitive tools were used, deny external ones</c>.</summary>
    public static string TaintRow(TaintRow row) => $"Once {Say.List(row.When, "and")} tools were used, deny {Say.List(row.Block, "and")} ones";

    /// <summary>Such as <c>labelled external, at least irreversible, not enabled</c>.</summary>
    public static string Tool(ToolEntry tool)
    {
        List<string> says = [];
        if (tool.Labels.Count > 0) says.Add($"labelled {Say.List(tool.Labels, "and")}");
        if (tool.Risk is { } risk) says.Add($"at least {risk.Word()}");
        if (tool.Mask is { } mask)
        {
            says.Add(mask.Show.Count > 0 ? $"takes only {Say.List(mask.Show, "and")}" : "takes any argument");
            foreach (var argument in mask.Fix) says.Add($"{argument.Name} always {argument.Json}");
        }

        if (!tool.Enabled) says.Add("not enabled");
        return says.Count == 0 ? "known" : string.Join(", ", says);
    }

    /// <summary>Such as <c>Never let an action go whose amount is over 500</c>.</summary>
    public static string Guarantee(Guarantee guarantee) =>
        guarantee.NeverAllow is AllOf { Parts.Count: 0 } ? "Never let any action go" : $"Never let an action go whose {Condition(guarantee.NeverAllow)}";

    /// <summary>Such as <c>amount is over 500 and vendor is not Delta</c>.</summary>
    public static string Condition(Condition condition) => condition switch
    {
        AllOf { Parts.Count: 0 } => "circumstances are any",
        AllOf all => string.Join(" and ", all.Parts.Select(part => Part(part, all.Parts.Count))),
        AnyOf any => string.Join(" or ", any.Parts.Select(part => Part(part, any.Parts.Count))),
        Not { Part: Comparison { IgnoreMissing: false } comparison } => Comparison(comparison, negated: true),
        Not not => $"case is not that {Condition(not.Part)}",
        Comparison comparison => Comparison(comparison, negated: false),
        _ => throw new ArgumentException($"{condition.GetType().Name} is no condition known here.", nameof(condition)),
    };

    /// <summary>Brackets what would read wrongly beside its neighbours.</summary>
    private static string Part(Condition part, int siblings) =>
        siblings > 1 && part is AllOf { Parts.Count: > 1 } or AnyOf { Parts.Count: > 1 } or Not { Part: not Handrail.Policy.Comparison } ? $"({Condition(part)})" : Condition(part);

    private static string Comparison(Comparison comparison, bool negated)
    {
        var field = FieldName(comparison.Field);
        var value = comparison.Values.Count == 0 ? "nothing" : Say.List(comparison.Values.Select(item => item.ToString()), "or");
        var given = comparison.IgnoreMissing ? ", if given," : "";
        return $"{field}{given} {Verb(comparison, negated)}{(comparison.Operator == Operator.Exists ? "" : $" {value}")}";
    }

    private static string Verb(Comparison comparison, bool negated) => (comparison.Operator, negated) switch
    {
        (Operator.Eq, false) or (Operator.Ne, true) => "is",
        (Operator.Ne, false) or (Operator.Eq, true) => "is not",
        (Operator.Gt, false) or (Operator.Lte, true) => "is over",
        (Operator.Gte, false) or (Operator.Lt, true) => "is at least",
        (Operator.Lt, false) or (Operator.Gte, true) => "is under",
        (Operator.Lte, false) or (Operator.Gt, true) => "is at most",
        (Operator.In, false) or (Operator.NotIn, true) => "is",
        (Operator.NotIn, false) or (Operator.In, true) => comparison.Values.Count == 1 ? "is not" : "is none of",
        (Operator.Contains, false) => "contains",
        (Operator.Contains, true) => "does not contain",
        (Operator.Glob, false) => "is like",
        (Operator.Glob, true) => "is not like",
        _ => comparison.Values[0].Flag != negated ? "is given" : "is missing",
    };

    internal static string FieldName(string field) => field switch
    {
        "citations.count" => "number of citations",
        "checks.failed" => "number of failed checks",
        "agent_version" => "agent's version",
        "session.cost_usd" => "session's cost in USD",
        "session.taint" => "session's taint",
        "session.age_seconds" => "session's age in seconds",
        _ when field.StartsWith("session.", StringComparison.Ordinal) => $"session's {field["session.".Length..].Replace('_', ' ')}",
        _ when field.StartsWith(Fields.ArgumentsPrefix, StringComparison.Ordinal) => $"argument {field[Fields.ArgumentsPrefix.Length..]}",
        _ => field,
    };
}
