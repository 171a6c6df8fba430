using Handrail.Access;
using Handrail.Audit;
using Handrail.Live;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Handoffs;

/// <summary>A handoff that one person does not want to see for a while. For everybody else it stands where it stood.</summary>
public sealed class HandoffSnooze
{
    public required string PersonId { get; set; }

    public required string HandoffId { get; set; }

    public DateTimeOffset Until { get; set; }
}

/// <summary>Puts a handoff out of one's own sight until a time, or back into it.</summary>
public sealed class SnoozeHandoff(HandrailStore store, TimeProvider time)
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Whatever was asked for, it is back in sight this long before its deadline.</summary>
    public static readonly TimeSpan BeforeDeadline = TimeSpan.FromMinutes(5);

    /// <param name="until">When it comes back; null for now.</param>
    /// <returns>When it does come back: before its deadline in any case.</returns>
    /// <exception cref="Refusal">No right, no such handoff, decided already, or a time that has gone by, is too far off, or leaves none before the deadline.</exception>
    public Task<DateTimeOffset?> HandleAsync(Caller caller, string id, DateTimeOffset? until, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.Decide);
        return store.WriteAsync(
            async unit =>
            {
                var (_, handoff) = await unit.Db.LockHandoffAsync(caller, id, cancel);
                await unit.Db.DemandForAsync(caller, Permission.Decide, handoff.Agent, cancel);
                HandoffRows.DemandOpen(handoff, unit.Now);
                if (until is { } wanted)
                {
                    until = Until(handoff, wanted, unit.Now);
                    if (handoff.ClaimedBy == caller.Name)
                    {
                        (handoff.ClaimedBy, handoff.ClaimedUntil) = (null, null);
                    }
                }

                // What has come back or was decided is kept by nobody.
                await unit.Db.HandoffSnoozes.Where(s => s.PersonId == caller.Id && (s.HandoffId == id || s.Until <= unit.Now)).ExecuteDeleteAsync(cancel);
                if (until is { } at)
                {
                    unit.Db.HandoffSnoozes.Add(new HandoffSnooze { PersonId = caller.Id, HandoffId = id, Until = at });
                }

                unit.Record(new AuditEntry(caller, until is null ? "handoff.wake" : "handoff.snooze", $"handoff:{id}") { After = new { until } });
                unit.Tell(HintKind.Handoff, id);
                return until;
            },
            cancel);
    }

    /// <summary>What the caller has put out of sight, and until when.</summary>
    public Task<Dictionary<string, DateTimeOffset>> ListAsync(Caller caller, CancellationToken cancel) => store.ReadAsync(
        caller,
        db =>
        {
            var now = time.GetUtcNow();
            return db.HandoffSnoozes.Where(s => s.PersonId == caller.Id && s.Until > now).ToDictionaryAsync(s => s.HandoffId, s => s.Until, cancel);
        },
        cancel);

    private static DateTimeOffset Until(Handoff handoff, DateTimeOffset wanted, DateTimeOffset now)
    {
        if (wanted <= now)
        {
            throw Refusal.Invalid("until", "has gone by.");
        }

        if (wanted > now + Longest)
        {
            throw Refusal.Invalid("until", $"is more than {Longest.TotalDays:0} days off.");
        }

        if (handoff.ExpiresAt - BeforeDeadline is not { } latest || wanted <= latest)
        {
            return wanted;
        }

        return latest > now ? latest : throw Refusal.Invalid("until", $"leaves no time: the decision is due at {handoff.ExpiresAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.");
    }
}
