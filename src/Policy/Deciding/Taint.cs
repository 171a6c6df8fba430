namespace Handrail.Policy;

/// <summary>What a session has met, by the tools that it used.</summary>
public static class Taint
{
    /// <summary>The labels of these tools from the entries of all layers, as the policies spell them, in order.</summary>
    public static IReadOnlyList<string> Labels(IEnumerable<PolicyLayer> layers, IEnumerable<string> toolsUsed)
    {
        var tools = toolsUsed.Select(ComparableText.Of).ToHashSet(StringComparer.Ordinal);
        var entries = layers.SelectMany(layer => layer.Policy.ToolsByName.Where(tool => tools.Contains(tool.Key)).SelectMany(tool => tool.Value.Entry.Labels));
        return [.. entries.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
