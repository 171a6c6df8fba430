using Handrail.Policy;

namespace Handrail.Policies.Editing;

/// <summary>How comparisons are called where they are chosen.</summary>
public static class OperatorWords
{
    public static string Of(Operator op) => op switch
    {
        Operator.Eq => "is",
        Operator.Ne => "is not",
        Operator.Gt => "is over",
        Operator.Gte => "is at least",
        Operator.Lt => "is under",
        Operator.Lte => "is at most",
        Operator.In => "is one of",
        Operator.NotIn => "is none of",
        Operator.Contains => "contains",
        Operator.Glob => "is like (* and ?)",
        _ => "is given or missing",
    };
}
