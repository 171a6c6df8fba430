namespace Handrail.Policy;

/// <summary>An action of the past with all that a policy would have to know to decide on it again.</summary>
/// <param name="Action">What the agent asked.</param>
/// <param name="Facts">Its session as it stood.</param>
/// <param name="At">When.</param>
/// <param name="Decided">What was decided then.</param>
public sealed record RecordedAction(ActionRequest Action, SessionFacts Facts, DateTimeOffset At, Verdict Decided)
{
    /// <summary>What the verdict would have been at full autonomy, as it was recorded of an action in shadow; null of all others.</summary>
    public Verdict? WouldBe { get; init; }

    /// <summary>What denied it beside every policy: no draft lets it go.</summary>
    public IReadOnlyList<Reason> Denied { get; init; } = [];

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

    /// <summary>No, or not by the agent: it was refused, or a person took it over.</summary>
    Rejected,
}
