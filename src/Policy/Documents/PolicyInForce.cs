namespace Handrail.Policy;

/// <summary>What a document says of an action type as a whole, before any single action is looked at: what sliders show.</summary>
public static class PolicyInForce
{
    /// <summary>The entry that sets the level of an action type: of all that match, the longest. Null when the document's general level does.</summary>
    public static ActionLevel? LevelEntryFor(this PolicyDocument document, string type)
    {
        var comparable = ComparableText.Of(type);
        return document.Actions.Select(level => (level, Pattern: new TypePattern(level.Type))).Where(entry => entry.Pattern.Matches(comparable))
            .OrderByDescending(entry => entry.Pattern.Specificity).FirstOrDefault().level;
    }

    /// <summary>The level of an action type; of all that no entry names when the type is null.</summary>
    public static Autonomy LevelFor(this PolicyDocument document, string? type) =>
        (type is null ? null : document.LevelEntryFor(type)?.Autonomy) ?? document.Autonomy ?? PolicyDocument.DefaultAutonomy;

    /// <summary>Of the limits that name neither category nor vendor, the one that covers an action type: an exact one before a prefix, a longer prefix before a shorter.</summary>
    public static Limit? LimitFor(this PolicyDocument document, string type)
    {
        var comparable = ComparableText.Of(type);
        return document.Limits.Where(limit => limit is { Category: null, Vendor: null })
            .Select(limit => (limit, Specificity: Specificity(limit.Type, comparable))).Where(limit => limit.Specificity is not null)
            .OrderByDescending(limit => limit.Specificity).FirstOrDefault().limit;
    }

    private static int? Specificity(string? pattern, string type)
    {
        if (pattern is null) return -1;
        var compiled = new TypePattern(pattern);
        return compiled.Matches(type) ? compiled.Specificity : null;
    }
}
