namespace Handrail.Policy;

/// <summary>Members of an action that may be long: whoever decides on many at once reads only those that somebody looks at.</summary>
[Flags]
public enum LongMembers
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary><see cref="ActionRequest.Reasoning"/>.</summary>
    Reasoning = 1,

    /// <summary><see cref="ActionRequest.Arguments"/>.</summary>
    Arguments = 2,

    /// <summary>What <see cref="ActionRequest.CitationCount"/> is counted from.</summary>
    Citations = 4,

    /// <summary>What <see cref="ActionRequest.FailedChecks"/> is counted from.</summary>
    Checks = 8,
}

/// <summary>What conditions look at.</summary>
public static class LongMembersRead
{
    /// <summary>The long members that a document's rules and guarantees look at.</summary>
    public static LongMembers LongMembers(this PolicyDocument document) =>
        document.Rules.Select(rule => rule.When).Concat(document.Guarantees.Select(guarantee => guarantee.NeverAllow))
            .Aggregate(Policy.LongMembers.None, (read, condition) => read | Of(condition));

    private static LongMembers Of(Condition condition) => condition switch
    {
        AllOf all => all.Parts.Aggregate(Policy.LongMembers.None, (read, part) => read | Of(part)),
        AnyOf any => any.Parts.Aggregate(Policy.LongMembers.None, (read, part) => read | Of(part)),
        Not not => Of(not.Part),
        Comparison comparison => Fields.Of(comparison.Field) switch
        {
            FieldId.Reasoning => Policy.LongMembers.Reasoning,
            FieldId.Citations => Policy.LongMembers.Citations,
            FieldId.FailedChecks => Policy.LongMembers.Checks,
            FieldId.Argument => Policy.LongMembers.Arguments,
            _ => Policy.LongMembers.None,
        },
        _ => throw new ArgumentException($"{condition.GetType().Name} is no condition known here.", nameof(condition)),
    };
}
