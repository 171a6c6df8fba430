namespace Handrail.Policy;

/// <summary>Holds actions back that a condition describes.</summary>
/// <param name="Id">Unique within the document.</param>
/// <param name="When">What it describes. An outcome that can't be known sends the action to a person, whatever <paramref name="Then"/> says.</param>
/// <param name="Then">What follows.</param>
public sealed record Rule(string Id, Condition When, RuleOutcome Then)
{
    /// <summary>A title for people.</summary>
    public string? Name { get; init; }

    /// <summary>Action types it looks at, exact or prefixes ending in <c>.*</c>; empty means all.</summary>
    public ValueList<string> AppliesTo { get; init; } = [];

    /// <summary>What an agent and a reviewer are told when the rule holds an action back.</summary>
    public string? Message { get; init; }
}

/// <summary>What a rule may say. Letting go is not among it.</summary>
public enum RuleOutcome
{
    /// <summary>A person decides.</summary>
    Review,

    /// <summary>The action is refused.</summary>
    Deny,

    /// <summary>The action is refused and the session ends.</summary>
    Stop,
}
