namespace Handrail.Policy;

/// <summary>Three-valued truth, ordered so that "and" is the least and "or" the greatest.</summary>
internal enum Truth
{
    False,
    Unknown,
    True,
}

internal static class Truths
{
    public static Truth Negated(this Truth truth) => Truth.True - (int)truth;

    public static Truth Known(bool value) => value ? Truth.True : Truth.False;
}
