namespace Handrail.Client.Wire;

/// <summary>The contract's words and ours. A word that is not here is unknown, whatever its spelling resembles.</summary>
internal static class Names
{
    public static ActionVerdict Verdict(string? word) => word switch
    {
        "allow" => ActionVerdict.Allow,
        "review" => ActionVerdict.Review,
        "shadow" => ActionVerdict.Shadow,
        "deny" => ActionVerdict.Deny,
        "stop" => ActionVerdict.Stop,
        _ => ActionVerdict.Unknown,
    };

    public static ActionStatus Status(string? word) => word switch
    {
        "pending" => ActionStatus.Pending,
        "allowed" => ActionStatus.Allowed,
        "denied" => ActionStatus.Denied,
        "shadowed" => ActionStatus.Shadowed,
        "stopped" => ActionStatus.Stopped,
        "approved" => ActionStatus.Approved,
        "rejected" => ActionStatus.Rejected,
        "taken_over" => ActionStatus.TakenOver,
        "expired" => ActionStatus.Expired,
        "cancelled" => ActionStatus.Cancelled,
        _ => ActionStatus.Unknown,
    };

    public static HandoffStatus Handoff(string? word) => word switch
    {
        "open" => HandoffStatus.Open,
        "approved" => HandoffStatus.Approved,
        "rejected" => HandoffStatus.Rejected,
        "answered" => HandoffStatus.Answered,
        "taken_over" => HandoffStatus.TakenOver,
        "expired" => HandoffStatus.Expired,
        "cancelled" => HandoffStatus.Cancelled,
        "resolved" => HandoffStatus.Resolved,
        _ => HandoffStatus.Unknown,
    };

    public static ControlKind Control(string? word) => word switch
    {
        "pause" => ControlKind.Pause,
        "resume" => ControlKind.Resume,
        "stop" => ControlKind.Stop,
        "take_over" => ControlKind.TakeOver,
        "message" => ControlKind.Message,
        "hand_back" => ControlKind.HandBack,
        "disable" => ControlKind.Disable,
        "enable" => ControlKind.Enable,
        _ => ControlKind.Unknown,
    };

    public static string? Of(ActionRisk? risk) => risk switch
    {
        ActionRisk.Read => "read",
        ActionRisk.Reversible => "reversible",
        ActionRisk.External => "external",
        ActionRisk.Irreversible => "irreversible",
        _ => null,
    };

    public static string Of(CostKind kind) => kind switch
    {
        CostKind.Model => "model",
        CostKind.Tool => "tool",
        CostKind.Human => "human",
        _ => "other",
    };

    public static string Of(MessageRole role) => role switch
    {
        MessageRole.User => "user",
        MessageRole.Assistant => "assistant",
        MessageRole.Tool => "tool",
        MessageRole.Operator => "operator",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    public static string Of(SessionOutcome outcome) => outcome switch
    {
        SessionOutcome.Completed => "completed",
        SessionOutcome.Failed => "failed",
        SessionOutcome.Abandoned => "abandoned",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    public static string Of(QuestionKind kind) => kind switch
    {
        QuestionKind.Question => "question",
        QuestionKind.Escalation => "escalation",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
