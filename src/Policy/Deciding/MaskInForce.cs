namespace Handrail.Policy;

/// <summary>How all layers together narrow a tool: the agent may set only what each of them shows, and what one of them fixes is fixed, by the fleet's value where two differ.</summary>
/// <param name="Show">The only arguments that the agent may set; null where it may set any.</param>
/// <param name="Fix">What is set whatever the agent says: names and canonical JSON.</param>
public sealed record MaskInForce(IReadOnlyList<string>? Show, IReadOnlyList<FixedArgument> Fix)
{
    /// <summary>The mask of a tool; null where no layer has one for it.</summary>
    /// <param name="layers">All that rule the agent.</param>
    /// <param name="tool">The tool, however it is spelt.</param>
    public static MaskInForce? For(IReadOnlyList<PolicyLayer> layers, string tool)
    {
        var name = ComparableText.Of(tool);
        IReadOnlyList<string>? show = null;
        var fix = new SortedDictionary<string, FixedArgument>(StringComparer.Ordinal);
        var found = false;
        foreach (var layer in layers.OrderByDescending(layer => layer.Scope == PolicyLayer.Fleet))
        {
            if (!layer.Policy.ToolsByName.TryGetValue(name, out var entry) || entry.Entry.Mask is not { } mask) continue;
            found = true;
            if (mask.Show.Count > 0) show = [.. show is null ? mask.Show : mask.Show.Where(show.Contains)];
            foreach (var argument in mask.Fix) fix.TryAdd(argument.Name, argument);
        }

        return found ? new(show, [.. fix.Values]) : null;
    }

    /// <summary>Whether the agent may set an argument.</summary>
    public bool Shows(string argument) => Fix.All(set => set.Name != argument) && Show?.Contains(argument) != false;
}
