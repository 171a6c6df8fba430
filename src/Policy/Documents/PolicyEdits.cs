namespace Handrail.Policy;

/// <summary>
/// The changes that sliders make. Each gives a new document and leaves the old one as it was. What people type still has to be accepted by
/// <see cref="PolicyDocument.Parse(string)"/> before it is published.
/// </summary>
public static class PolicyEdits
{
    /// <summary>Sets the level of one action type, or of a prefix ending in <c>.*</c>; of all others when the type is null.</summary>
    public static PolicyDocument WithLevel(this PolicyDocument document, string? type, Autonomy level)
    {
        if (type is null) return document with { Autonomy = level };
        var key = ComparableText.Of(type);
        return document with { Actions = Put(document.Actions, other => ComparableText.Of(other.Type) == key, old => (old ?? new(type, level)) with { Autonomy = level }) };
    }

    /// <summary>Takes an action type's own level away, so that the next wider one rules it.</summary>
    public static PolicyDocument WithoutLevel(this PolicyDocument document, string type)
    {
        var key = ComparableText.Of(type);
        return document with { Actions = document.Actions.Where(level => ComparableText.Of(level.Type) != key).ToValueList() };
    }

    /// <summary>
    /// Sets the highest amount of the limit with these three keys, and makes that limit if there is none. Its confidence and its budget stay; the budget is then meant in the
    /// currency given here too.
    /// </summary>
    public static PolicyDocument WithMaxAmount(this PolicyDocument document, string? type, string? category, string? vendor, decimal amount, string currency)
    {
        var key = LimitKey.Of(type, category, vendor);
        return document with
        {
            Limits = Put(
                document.Limits,
                limit => limit.Key == key,
                old => (old ?? new() { Type = type, Category = category, Vendor = vendor }) with { MaxAmount = amount, Currency = currency }),
        };
    }

    /// <summary>Puts a limit in the place of the one with the same three keys, or beside the others where there is none.</summary>
    public static PolicyDocument WithLimit(this PolicyDocument document, Limit limit) =>
        document with { Limits = Put(document.Limits, other => other.Key == limit.Key, _ => limit) };

    /// <summary>
    /// Takes the limit with these three keys away. A bounded action that no other limit covers then goes to a person; an autonomous one goes without bound. (A limit without
    /// its amount would let every amount go, so that there is no edit that leaves one.)
    /// </summary>
    public static PolicyDocument WithoutLimit(this PolicyDocument document, string? type, string? category, string? vendor)
    {
        var key = LimitKey.Of(type, category, vendor);
        return document with { Limits = document.Limits.Where(limit => limit.Key != key).ToValueList() };
    }

    private static ValueList<T> Put<T>(ValueList<T> items, Func<T, bool> isIt, Func<T?, T> change)
        where T : class =>
        items.Any(isIt) ? items.Select(item => isIt(item) ? change(item) : item).ToValueList() : items.Append(change(null)).ToValueList();
}
