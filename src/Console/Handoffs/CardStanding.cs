using Handrail.Access;

namespace Handrail.Handoffs;

/// <summary>
/// What a person may do with a handoff, mirrored from what the commands enforce, so that a button that would be refused says why
/// beforehand.
/// </summary>
/// <param name="MayDecide">Reject, answer, take over.</param>
/// <param name="MayApprove">Approve; false too where there is nothing to approve.</param>
/// <param name="MayClaim">Take it or let it go.</param>
/// <param name="Mine">The person's own claim holds.</param>
/// <param name="Obstacle">Why not; null when nothing is in the way.</param>
public sealed record CardStanding(bool MayDecide, bool MayApprove, bool MayClaim, bool Mine, string? Obstacle)
{
    public static CardStanding Of(InboxCard card, Rights rights, DateTimeOffset now)
    {
        var (handoff, caller) = (card.Handoff, rights.Caller);
        bool May(Permission permission) => rights.Over(permission, handoff.Agent);
        var mine = handoff.ClaimedBy == caller.Name;
        if (!card.Open)
        {
            return None(mine, null);
        }

        if (!May(Permission.Decide) && !(handoff.Kind == HandoffKind.Breaker && May(Permission.Control)))
        {
            return None(mine, caller.MaySomewhere(Permission.Decide) ? "Your right to decide does not reach this agent." : "Your roles let you look on, not decide.");
        }

        if (card.Trip is { OfSession: false } && !May(Permission.Control))
        {
            return None(mine, "More than one session is halted: that is on-call's to decide.");
        }

        if (handoff.Role is { } role && !rights.Holds(role, handoff.Agent))
        {
            return None(mine, $"It was escalated: only the role {role} decides now.");
        }

        if (handoff.ExpiresAt <= now && card.OnTimeout == "reject")
        {
            return None(mine, "The time for this decision is over.");
        }

        if (handoff.ClaimedBy is { } other && !mine)
        {
            return None(mine, $"{other} has claimed it.");
        }

        if (handoff.Kind == HandoffKind.TakeOver)
        {
            return None(mine, null);
        }

        if (handoff.AssignedTo is { } delegated && delegated != caller.Name)
        {
            return new CardStanding(false, false, true, mine, $"{handoff.AssignedBy} has delegated it to {delegated}. Claim it, to decide it all the same.");
        }

        if (handoff.Kind is not (HandoffKind.Approval or HandoffKind.Sample))
        {
            return new CardStanding(true, false, May(Permission.Decide), mine, null);
        }

        var own = card.ForbidSelfApproval && handoff.User is { } user
            && (Same(user, caller.Name) || Same(user, caller.Id));
        var again = handoff.Approvals.Any(a => Same(a.By, caller.Name));
        return new CardStanding(
            true, !own && !again, true, mine,
            own ? "The policy forbids approving one's own request." : again ? "You have approved this already; it takes another person." : null);
    }

    private static CardStanding None(bool mine, string? obstacle) => new(false, false, false, mine, obstacle);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
