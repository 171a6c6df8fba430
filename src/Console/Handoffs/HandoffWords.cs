using Handrail.Shell.Display;
using Handrail.Store;
using MudBlazor;

namespace Handrail.Handoffs;

/// <summary>Handoffs in our words.</summary>
public static class HandoffWords
{
    public static (string Word, string Icon) Kind(HandoffKind kind) => kind switch
    {
        HandoffKind.Approval => ("Approval", Icons.Material.Outlined.Rule),
        HandoffKind.Question => ("Question", Icons.Material.Outlined.HelpOutline),
        HandoffKind.Escalation => ("Escalation", Icons.Material.Outlined.North),
        HandoffKind.Breaker => ("Breaker", Icons.Material.Outlined.ElectricBolt),
        HandoffKind.Sample => ("Sample", Icons.Material.Outlined.Visibility),
        _ => ("Take-over", Icons.Material.Outlined.PanTool),
    };

    /// <summary>A risk with its tone; null where none is stated.</summary>
    public static (string Word, Tone Tone)? Risk(string? risk) => risk switch
    {
        null => null,
        "read" => ("Reads only", Tone.Neutral),
        "reversible" => ("Reversible", Tone.Neutral),
        "external" => ("Others see it", Tone.Warning),
        _ => ("Irreversible", Tone.Bad),
    };

    /// <summary>What became of it: <c>Approved by anna@example.com</c>.</summary>
    public static string Outcome(HandoffStatus status, string? by) => status switch
    {
        HandoffStatus.Open => "Open",
        HandoffStatus.Expired => "Expired: nobody decided in time",
        _ => Sentence(status) + (by is null ? "" : $" by {by}"),
    };

    /// <summary>What a person's decision did, said right afterwards.</summary>
    public static string Done(HandoffAnswer after)
    {
        var missing = after.ApprovalsNeeded - after.Approvals.Count;
        return after.Status == HandoffStatus.Open
            ? $"Your approval counts; {missing} more {(missing == 1 ? "person has" : "people have")} to approve."
            : $"{Sentence(after.Status)}.";
    }

    /// <summary>A decision that is about to be sent: <c>Approve expense.approve, 48.20 USD</c>.</summary>
    public static string Doing(HeldDecision held)
    {
        var seen = held.Seen;
        var verb = (held.Decision.Kind, seen.Kind) switch
        {
            (DecisionKind.Approve, HandoffKind.Sample) => "It was right",
            (DecisionKind.Reject, HandoffKind.Sample) => "It was wrong",
            (DecisionKind.Approve, _) => held.Decision.Amount is null && held.Decision.Arguments is null ? "Approve" : "Approve as edited",
            (DecisionKind.Reject, HandoffKind.Approval) => "Reject",
            (DecisionKind.Reject, _) => "Decline",
            _ => "Answer",
        };
        var amount = held.Decision.Amount ?? seen.Amount;
        return amount is null ? verb : $"{verb}: {Figures.Money(amount, seen.Currency)}";
    }

    public static string AtDeadline(string onTimeout, string? escalateTo) => onTimeout switch
    {
        "escalate" => $"then it goes to the role {escalateTo}",
        "hold" => "then it goes on waiting",
        _ => "then it is rejected",
    };

    private static string Sentence(HandoffStatus status)
    {
        var word = status.Text().Replace('_', ' ');
        return char.ToUpperInvariant(word[0]) + word[1..];
    }
}
