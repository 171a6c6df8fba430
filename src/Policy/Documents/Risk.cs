namespace Handrail.Policy;

/// <summary>How bad an action may turn out, from least to most: of several statements the greatest counts.</summary>
public enum Risk
{
    /// <summary>Changes nothing.</summary>
    Read,

    /// <summary>Changes something that can be put back unseen.</summary>
    Reversible,

    /// <summary>Others see it; it can be undone.</summary>
    External,

    /// <summary>Can't be undone; also what an action counts as that nobody classified.</summary>
    Irreversible,
}
