namespace Handrail.Policy;

/// <summary>What a policy says of an action, from least to most restrictive: of several, the greatest wins.</summary>
public enum Verdict
{
    /// <summary>The action goes.</summary>
    Allow,

    /// <summary>A person decides.</summary>
    Review,

    /// <summary>The action is recorded and not done.</summary>
    Shadow,

    /// <summary>The action is refused.</summary>
    Deny,

    /// <summary>The action is refused and the session ends.</summary>
    Stop,
}
