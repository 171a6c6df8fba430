namespace Handrail.Handoffs;

public enum CardMode
{
    Reading,
    Editing,
    Rejecting,
    Delegating,
    Snoozing,
}

/// <summary>What a person has typed about one handoff and not yet sent.</summary>
public sealed class CardDraft(HandoffAnswer handoff)
{
    public CardMode Mode { get; set; }

    public ApprovalDraft Approval { get; private set; } = new(handoff);

    public AnswerDraft Answer { get; } = new(handoff);

    /// <summary>Why it is rejected.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The reason's code, of the agent's own list; empty for none.</summary>
    public string ReasonCode { get; set; } = "";

    /// <summary>The colleague it is delegated to.</summary>
    public string Colleague { get; set; } = "";

    /// <summary>Said to the colleague.</summary>
    public string Words { get; set; } = "";

    /// <summary>Goes to the agent with an approval or an answer.</summary>
    public string Note { get; set; } = "";

    /// <summary>Back to reading; a reason begun stays, edits don't.</summary>
    public void Cancel()
    {
        if (Mode == CardMode.Editing)
        {
            Approval = new ApprovalDraft(handoff);
        }

        Mode = CardMode.Reading;
    }
}
