using Handrail.Policy;

namespace Handrail.Policies;

/// <summary>How much an agent does of its own accord, in one word.</summary>
/// <param name="Level">The strictest layer's level for actions that no layer names by their type.</param>
/// <param name="Varies">Some action types have a level of their own.</param>
public readonly record struct GeneralLevel(Autonomy Level, bool Varies)
{
    public static GeneralLevel Of(IReadOnlyList<PolicyLayer> layers) => new(layers.Min(l => l.Document.LevelFor(null)), layers.Any(l => l.Document.Actions.Count > 0));
}
