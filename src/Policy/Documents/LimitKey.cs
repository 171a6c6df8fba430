namespace Handrail.Policy;

/// <summary>The name of a limit within its document, equal for limits that cover the same actions.</summary>
internal static class LimitKey
{
    private const string Unnamed = "*";

    public static string Of(string? type, string? category, string? vendor)
    {
        var key = Part(type);
        if (category is not null || vendor is not null) key += "/" + Part(category);
        if (vendor is not null) key += "/" + Part(vendor);
        return key;
    }

    /// <summary>Escapes what would let two different limits share a key; the star of a prefix stays readable.</summary>
    private static string Part(string? text)
    {
        if (text is null) return Unnamed;
        var comparable = ComparableText.Of(text).Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
        return comparable == Unnamed ? "%2A" : comparable;
    }
}
