using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Store;

namespace Handrail.Handoffs;

/// <summary>Takes a handoff for a while, so that two people don't work on the same one; or lets it go.</summary>
public sealed class ClaimHandoff(HandrailStore store)
{
    /// <summary>How long a claim holds without activity.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <exception cref="Refusal">No right, no such handoff, decided already, or claimed by somebody else.</exception>
    public Task<HandoffAnswer> HandleAsync(Caller caller, string id, bool release, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.Decide);
        return store.WriteAsync(
            async unit =>
            {
                var (_, handoff) = await unit.Db.LockHandoffAsync(caller, id, cancel);
                await unit.Db.DemandForAsync(caller, Permission.Decide, handoff.Agent, cancel);
                HandoffRows.DemandOpen(handoff, unit.Now);
                if (handoff.Kind == HandoffKind.TakeOver)
                {
                    throw Refusal.Conflict("This is a session in a person's hands: take it over there.", HandoffAnswer.Of(handoff, unit.Now));
                }

                if (ClaimedByOther(handoff, caller, unit.Now))
                {
                    throw Refusal.Conflict($"{handoff.ClaimedBy} has claimed this handoff.", HandoffAnswer.Of(handoff, unit.Now));
                }

                var renewal = !release && handoff.ClaimedBy == caller.Name && handoff.ClaimedUntil > unit.Now;
                if (release && handoff.ClaimedBy is null)
                {
                    return HandoffAnswer.Of(handoff, unit.Now);
                }

                if (!release && handoff.AssignedTo is not null && handoff.AssignedTo != caller.Name)
                {
                    // Whoever claims what was another's takes it over from that colleague.
                    (handoff.AssignedTo, handoff.AssignedBy, handoff.AssignedNote) = (null, null, null);
                }

                var before = handoff.ClaimedBy;
                handoff.ClaimedBy = release ? null : caller.Name;
                handoff.ClaimedUntil = release ? null : unit.Now + Lease;
                if (!release && !renewal)
                {
                    await Alerts.AcknowledgeAsync(unit, Alerts.OfHandoff(id), caller.Name, cancel);
                }

                if (!renewal)
                {
                    unit.Record(new AuditEntry(caller, release ? "handoff.release" : "handoff.claim", $"handoff:{id}") { Before = new { claimed_by = before }, After = new { claimed_by = handoff.ClaimedBy, until = handoff.ClaimedUntil } });
                }

                unit.Tell(HintKind.Handoff, id);
                return HandoffAnswer.Of(handoff, unit.Now);
            },
            cancel);
    }

    internal static bool ClaimedByOther(Handoff handoff, Caller caller, DateTimeOffset now) =>
        handoff.ClaimedBy is not null && handoff.ClaimedUntil > now && !string.Equals(handoff.ClaimedBy, caller.Name, StringComparison.Ordinal);
}
