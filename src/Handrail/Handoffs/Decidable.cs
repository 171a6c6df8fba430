using Handrail.Access;

namespace Handrail.Handoffs;

/// <summary>Whether a person may decide a handoff at all, as it now stands.</summary>
internal static class Decidable
{
    /// <exception cref="Refusal">Decided already, changed meanwhile, somebody else's, too late, or another kind of decision.</exception>
    /// <param name="team">The present team of the handoff's agent; asked for only where the handoff was escalated to a role.</param>
    public static void Demand(Caller caller, Handoff handoff, string? team, HandoffDecision decision, long? seenVersion, DateTimeOffset now)
    {
        HandoffRows.DemandOpen(handoff, now);
        if (seenVersion is { } seen && seen != handoff.Version)
        {
            throw Refusal.Stale("The handoff has changed since you saw it.", HandoffAnswer.Of(handoff, now));
        }

        if (handoff.Kind == HandoffKind.TakeOver)
        {
            throw Refusal.Conflict("This is a session in a person's hands: it is handed back or ended there.", HandoffAnswer.Of(handoff, now));
        }

        DemandTurn(caller, handoff, team, now);

        // Silence is never consent, and a decision after the deadline is too late even when the sweep has not come by yet.
        if (handoff.ExpiresAt <= now && handoff.OnTimeout == "reject")
        {
            throw Refusal.Conflict("The time for this decision is over.", HandoffAnswer.Of(handoff, now));
        }

        var question = handoff.ActionId is null && handoff.PlantedFrom is null;
        if (question && decision.Kind is DecisionKind.Approve)
        {
            throw Refusal.Conflict("This is a question: answer it.", HandoffAnswer.Of(handoff, now));
        }

        if (!question && decision.Kind is DecisionKind.Answer)
        {
            throw Refusal.Conflict("This is an action to approve or reject.", HandoffAnswer.Of(handoff, now));
        }
    }

    /// <summary>Whether the user on whose behalf an agent works is this person.</summary>
    public static bool IsSamePerson(string? user, string name, string id) =>
        user is not null && (string.Equals(user, name, StringComparison.OrdinalIgnoreCase) || string.Equals(user, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whose turn it is: the claim's, the delegate's, the role's.</summary>
    private static void DemandTurn(Caller caller, Handoff handoff, string? team, DateTimeOffset now)
    {
        if (ClaimHandoff.ClaimedByOther(handoff, caller, now))
        {
            throw Refusal.Conflict($"{handoff.ClaimedBy} has claimed this handoff.", HandoffAnswer.Of(handoff, now));
        }

        var mine = handoff.ClaimedBy == caller.Name && handoff.ClaimedUntil > now;
        if (handoff.AssignedTo is { } delegated && delegated != caller.Name && !mine)
        {
            throw Refusal.Conflict($"{handoff.AssignedBy} has delegated this to {delegated}: claim it first, to decide it all the same.", HandoffAnswer.Of(handoff, now));
        }

        if (handoff.Role is { } role && !caller.Holds(role, handoff.Agent, team))
        {
            throw Refusal.NotAllowed($"This handoff was escalated to the role {role}.");
        }
    }
}
