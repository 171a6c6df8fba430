using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>One move of a hand on the Autonomy page. It can be made again on another version of the document.</summary>
public abstract record PolicyEdit
{
    /// <summary>A later edit of the same thing takes the place of an earlier one.</summary>
    public abstract string Key { get; }

    public abstract PolicyDocument Apply(PolicyDocument document);

    private protected static string KeyOf(string? type) => type is null ? "*" : ComparableText.Of(type);
}

/// <summary>Sets the level of an action type; of all others when the type is null.</summary>
public sealed record LevelEdit(string? Type, Autonomy Level) : PolicyEdit
{
    public override string Key => $"level {KeyOf(Type)}";

    public override PolicyDocument Apply(PolicyDocument document) => document.WithLevel(Type, Level);
}

/// <summary>Takes an action type's own level away.</summary>
public sealed record NoLevelEdit(string Type) : PolicyEdit
{
    public override string Key => $"level {KeyOf(Type)}";

    public override PolicyDocument Apply(PolicyDocument document) => document.WithoutLevel(Type);
}

/// <summary>Sets the highest amount of an action type.</summary>
public sealed record LimitEdit(string Type, decimal Amount, string Currency) : PolicyEdit
{
    public override string Key => $"limit {KeyOf(Type)}";

    public override PolicyDocument Apply(PolicyDocument document) => document.WithMaxAmount(Type, null, null, Amount, Currency);
}

/// <summary>Takes an action type's own limit away.</summary>
public sealed record NoLimitEdit(string Type) : PolicyEdit
{
    public override string Key => $"limit {KeyOf(Type)}";

    public override PolicyDocument Apply(PolicyDocument document) => document.WithoutLimit(Type, null, null);
}

/// <summary>Sets a limit as a whole: what people's decisions speak for.</summary>
public sealed record WholeLimitEdit(Limit Limit) : PolicyEdit
{
    public override string Key => $"limit {Limit.Key}";

    public override PolicyDocument Apply(PolicyDocument document) => document.WithLimit(Limit);
}

/// <summary>Takes a limit of a category or vendor away.</summary>
public sealed record WithdrawEdit(Limit Limit) : PolicyEdit
{
    public override string Key => $"limit {Limit.Key}";

    public override PolicyDocument Apply(PolicyDocument document) => document.WithoutLimit(Limit.Type, Limit.Category, Limit.Vendor);
}
