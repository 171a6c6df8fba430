namespace Handrail.Policy;

/// <summary>A condition over an action and its session: true, false, or unknown because a member is missing or of the wrong kind.</summary>
public abstract record Condition
{
    /// <summary>How deep <see cref="AllOf"/>, <see cref="AnyOf"/> and <see cref="Not"/> may nest; the comparisons inside don't count.</summary>
    public const int MaxDepth = 4;

    private protected Condition()
    {
    }
}

/// <summary>False if one part is false, else unknown if one is unknown, else true; so true without parts.</summary>
/// <param name="Parts">The conditions that must hold.</param>
public sealed record AllOf(ValueList<Condition> Parts) : Condition;

/// <summary>True if one part is true, else unknown if one is unknown, else false.</summary>
/// <param name="Parts">The conditions of which one must hold.</param>
public sealed record AnyOf(ValueList<Condition> Parts) : Condition;

/// <summary>The contrary; of unknown, unknown.</summary>
/// <param name="Part">The condition that must not hold.</param>
public sealed record Not(Condition Part) : Condition;

/// <summary>Compares one member of the action or its session with what the policy's author wrote.</summary>
/// <param name="Field">The member, as policies name it: <c>amount</c>, <c>session.turns</c>, <c>arguments.order.lines</c>.</param>
/// <param name="Operator">How.</param>
/// <param name="Values">With what: several for <c>in</c> and <c>not_in</c>, else one.</param>
public sealed record Comparison(string Field, Operator Operator, ValueList<Scalar> Values) : Condition
{
    /// <summary>The comparison is false, and not unknown, where the action lacks the member (<c>"missing": "ignore"</c>).</summary>
    public bool IgnoreMissing { get; init; }
}

/// <summary>The operators of a <see cref="Comparison"/>.</summary>
public enum Operator
{
    /// <summary>Equal.</summary>
    Eq,

    /// <summary>Not equal.</summary>
    Ne,

    /// <summary>Greater than.</summary>
    Gt,

    /// <summary>Greater than or equal.</summary>
    Gte,

    /// <summary>Less than.</summary>
    Lt,

    /// <summary>Less than or equal.</summary>
    Lte,

    /// <summary>Equal to one of several.</summary>
    In,

    /// <summary>Equal to none of several.</summary>
    NotIn,

    /// <summary>The text has this part, or the list this element.</summary>
    Contains,

    /// <summary>The text has this form: <c>*</c> stands for any run of characters, <c>?</c> for any single one.</summary>
    Glob,

    /// <summary>The member is there (<c>true</c>) or lacking (<c>false</c>). Never unknown.</summary>
    Exists,
}
