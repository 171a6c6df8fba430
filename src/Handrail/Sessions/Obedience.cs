namespace Handrail.Sessions;

/// <summary>Whether a session's agent does as it was told.</summary>
public enum Obedience
{
    /// <summary>It owes nothing: no order holds it, it has acknowledged, or it still has time to.</summary>
    Obeys,

    /// <summary>It has not acknowledged in time, and is silent.</summary>
    NotConfirmed,

    /// <summary>It has not acknowledged in time, and is at work all the same.</summary>
    NotObeying,
}
