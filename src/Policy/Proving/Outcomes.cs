namespace Handrail.Policy;

/// <summary>A set of truths: those that a condition may still have while only a part of an action is settled.</summary>
[Flags]
internal enum Outcomes
{
    None = 0,
    False = 1 << Truth.False,
    Unknown = 1 << Truth.Unknown,
    True = 1 << Truth.True,
    Any = False | Unknown | True,
}

internal static class OutcomeSets
{
    private static readonly Truth[] All = [Truth.False, Truth.Unknown, Truth.True];

    public static Outcomes Of(Truth truth) => (Outcomes)(1 << (int)truth);

    public static bool Has(this Outcomes set, Truth truth) => (set & Of(truth)) != 0;

    public static Outcomes Negated(this Outcomes set) => Each(set, Outcomes.False, (truth, _) => truth.Negated());

    /// <summary>What "and" of two may be: the lesser.</summary>
    public static Outcomes And(Outcomes one, Outcomes other) => Each(one, other, (a, b) => a < b ? a : b);

    /// <summary>What "or" of two may be: the greater.</summary>
    public static Outcomes Or(Outcomes one, Outcomes other) => Each(one, other, (a, b) => a > b ? a : b);

    /// <summary>The truths that, joined with some of the others, can still end among those allowed.</summary>
    public static Outcomes Permitted(Outcomes others, Outcomes allowed, Func<Outcomes, Outcomes, Outcomes> join)
    {
        var permitted = Outcomes.None;
        foreach (var truth in All)
            if ((join(Of(truth), others) & allowed) != 0) permitted |= Of(truth);
        return permitted;
    }

    private static Outcomes Each(Outcomes one, Outcomes other, Func<Truth, Truth, Truth> join)
    {
        var result = Outcomes.None;
        foreach (var a in All)
        {
            if (!one.Has(a)) continue;
            foreach (var b in All)
                if (other.Has(b)) result |= Of(join(a, b));
        }

        return result;
    }
}
