namespace Handrail.Policy;

/// <summary>Says in plain English what rules, limits and conditions of a policy mean.</summary>
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

        List<string> bounds = [];
        if (limit.MaxAmount is { } most) bounds.Add($"up to {Say.Money(most, limit.Currency)}");
        if (limit is { MaxAmount: null, MaxTotal: null, Currency: { } currency }) bounds.Add($"in {currency}");
        if (limit.MaxTotal is { } total) bounds.Add($"up to {Say.Money(total, limit.Currency)} in all per {limit.Per?.Word()}");
        if (limit.MinConfidence is { } least) bounds.Add($"with a confidence of at least {Say.Number(least)}");
        return bounds.Count == 0 ? $"{what} may go" : $"{what} may go {Say.List(bounds, "and")}";
    }

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
        var value = Say.List(comparison.Values.Select(item => item.ToString()), "or");
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

    private static string FieldName(string field) => field switch
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
