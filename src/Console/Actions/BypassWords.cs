using Handrail.Shell.Display;

namespace Handrail.Actions;

/// <summary>How an action may go around one that was refused, in our words.</summary>
public static class BypassWords
{
    /// <summary>Ends where the refused action is named.</summary>
    public static string Sentence(PossibleBypass mark)
    {
        var refused = mark.Status switch
        {
            ActionStatus.Rejected => "was rejected by a person",
            ActionStatus.Expired => "expired without a decision",
            _ => "was denied",
        };
        return mark.Way == BypassWay.OtherTool
            ? $"The same arguments came before in another way, which {refused}:"
            : $"It is one of {Figures.Count(mark.Pieces ?? 0)} smaller actions on the same, which come to {Figures.Money(mark.Total, mark.Currency)} together; the whole {refused}:";
    }

    /// <summary>Where an action stands on its session's page.</summary>
    public static string Anchor(string actionId) => $"action-{actionId}";
}
