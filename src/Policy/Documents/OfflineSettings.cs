namespace Handrail.Policy;

/// <summary>What a client answers that can't reach the console; null is what the document leaves open.</summary>
public sealed record OfflineSettings
{
    /// <summary>How it answers.</summary>
    public OfflineMode? Mode { get; init; }

    /// <summary>For how many seconds after it was last fresh a policy may still be answered by.</summary>
    public int? MaxAgeSeconds { get; init; }
}

/// <summary>How a client answers that can't reach the console, from most to least restrictive.</summary>
public enum OfflineMode
{
    /// <summary>Every action is denied.</summary>
    Deny,

    /// <summary>Every action waits until the console is back.</summary>
    Hold,

    /// <summary>The policy last fetched decides until it is too old; what it would send to a person waits.</summary>
    Policy,
}
