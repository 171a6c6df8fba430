namespace Handrail.Policy;

/// <summary>An action of the past with all that a policy would have to know to decide on it again.</summary>
/// <param name="Id">Where it is found again.</param>
/// <param name="Action">What the agent asked.</param>
/// <param name="Facts">Its session as it stood.</param>
/// <param name="At">When.</param>
/// <param name="Decided">What was decided then.</param>
public sealed record RecordedAction(string Id, ActionRequest Action, SessionFacts Facts, DateTimeOffset At, Verdict Decided)
{
    /// <summary>What people said, if it came before them or they did it outside.</summary>
    public PeopleDecision? People { get; init; }
}

/// <summary>What people said of an action.</summary>
public enum PeopleDecision
{
    /// <summary>Yes, as proposed.</summary>
    Approved,

    /// <summary>Yes, but otherwise than proposed.</summary>
    Edited,

    /// <summary>No.</summary>
    Rejected,
}
