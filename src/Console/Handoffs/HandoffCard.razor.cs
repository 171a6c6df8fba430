using Microsoft.AspNetCore.Components;

namespace Handrail.Handoffs;

/// <summary>A decision, and which state of the handoff it was made on.</summary>
public sealed record CardDecision(string Subject, HandoffDecision Decision);

/// <summary>
/// One handoff, as it was when it came on the screen. Whoever renders it keys it by its subject, so that a press that was on its way
/// while the card changed reaches the card it was meant for.
/// </summary>
public partial class HandoffCard
{
    [Parameter, EditorRequired]
    public required InboxCard Card { get; set; }

    [Parameter, EditorRequired]
    public required string Subject { get; set; }

    [Parameter, EditorRequired]
    public required CardDraft Draft { get; set; }

    [Parameter, EditorRequired]
    public required CardStanding Standing { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    /// <summary>The handoff as it is by now, where that is something else.</summary>
    [Parameter]
    public InboxCard? Newer { get; set; }

    [Parameter]
    public string? Refused { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    [Parameter]
    public EventCallback ShowNewer { get; set; }

    /// <summary>True to let it go.</summary>
    [Parameter]
    public EventCallback<bool> Claim { get; set; }

    [Parameter]
    public EventCallback<CardDecision> Decide { get; set; }

    [Parameter]
    public EventCallback TakeOver { get; set; }

    /// <summary>The person's own decision on it, while it may be taken back.</summary>
    [Parameter]
    public HeldDecision? Held { get; set; }

    [Parameter]
    public EventCallback Undo { get; set; }

    /// <summary>Puts it before the colleague that the draft names.</summary>
    [Parameter]
    public EventCallback Delegate { get; set; }

    /// <summary>Colleagues who may decide as well.</summary>
    [Parameter]
    public IReadOnlyList<string> Colleagues { get; set; } = [];

    /// <summary>Until when it is put aside; null where it is in sight.</summary>
    [Parameter]
    public DateTimeOffset? AsideUntil { get; set; }

    /// <summary>Puts it aside until then; null brings it back.</summary>
    [Parameter]
    public EventCallback<DateTimeOffset?> Snooze { get; set; }

    /// <summary>The name of the person who looks.</summary>
    [Parameter]
    public string? Me { get; set; }

    [CascadingParameter]
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>The person is at work on the draft.</summary>
    [Parameter]
    public EventCallback Typed { get; set; }

    private HandoffAnswer Handoff => Card.Handoff;

    private (string Word, string Icon) Kind => HandoffWords.Kind(Handoff.Kind);

    private bool Decidable => Card.Open && Newer is null;

    private Task TurnTo(CardMode mode)
    {
        Draft.Mode = mode;
        return Typed.InvokeAsync();
    }

    private Task Turned() => Typed.InvokeAsync();

    private Task ApproveAsync() => SendAsync(Draft.Mode == CardMode.Editing ? Draft.Approval.ToDecision(Draft.Note) : new HandoffDecision(DecisionKind.Approve));

    private Task RejectAsync() => SendAsync(new HandoffDecision(DecisionKind.Reject)
    {
        Note = Draft.Reason.Trim(), ReasonCode = Draft.ReasonCode.Length == 0 ? null : Draft.ReasonCode,
    });

    private Task AnswerAsync() => SendAsync(Draft.Answer.ToDecision(Draft.Note));

    private Task SendAsync(HandoffDecision decision) => Decide.InvokeAsync(new CardDecision(Subject, decision));
}
