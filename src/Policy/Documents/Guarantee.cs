namespace Handrail.Policy;

/// <summary>A promise: no action that a condition describes goes without a person.</summary>
/// <param name="Id">Unique within the document.</param>
/// <param name="NeverAllow">What it describes. An action of which this can't be known counts as described.</param>
public sealed record Guarantee(string Id, Condition NeverAllow)
{
    /// <summary>The promise in words.</summary>
    public string? Text { get; init; }
}
