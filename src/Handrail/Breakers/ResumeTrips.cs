using Handrail.Access;
using Handrail.Handoffs;
using Handrail.Live;
using Handrail.Notify;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>What a person's own order to a session, an agent or the fleet makes of the trips there.</summary>
internal static class ResumeTrips
{
    /// <summary>
    /// A person lets it go on by the ordinary button: that resumes its breakers too, with as much again or counted anew. Their handoffs are
    /// resolved by it.
    /// </summary>
    public static Task ResumedAsync(UnitOfWork unit, string scope, Caller by, CancellationToken cancel) => CloseAllAsync(unit, scope, by, TripChoice.Resume, cancel);

    /// <summary>A person has stopped the session for good.</summary>
    public static Task StoppedAsync(UnitOfWork unit, string sessionId, Caller by, CancellationToken cancel) => CloseAllAsync(unit, Scopes.Session(sessionId), by, TripChoice.Stop, cancel);

    public static void Close(BreakerTrip trip, Caller by, DateTimeOffset now, decimal? newLimit) =>
        (trip.ClosedAt, trip.ClosedBy, trip.NewLimit) = (now, by.Name, newLimit);

    /// <summary>The breaker as it was when it tripped.</summary>
    public static Breaker BreakerOf(BreakerTrip trip)
    {
        var scope = trip.Scope == Scopes.Fleet ? BreakerScope.Fleet : trip.Scope.StartsWith("agent:", StringComparison.Ordinal) ? BreakerScope.Agent : BreakerScope.Session;
        return new Breaker(trip.BreakerId, scope, trip.Metric, trip.Threshold, trip.Then)
        {
            Window = trip.WindowSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Currency = trip.Currency,
        };
    }

    /// <summary>Another breaker of the same scope has it halted too: it goes on when that one is resumed as well.</summary>
    public static Task<bool> OthersHoldAsync(UnitOfWork unit, BreakerTrip trip, CancellationToken cancel) => unit.Db.BreakerTrips.AnyAsync(
        t => t.Scope == trip.Scope && t.Id != trip.Id && t.ClosedAt == null && (t.Then == BreakerOutcome.Pause || t.Then == BreakerOutcome.Stop), cancel);

    private static async Task CloseAllAsync(UnitOfWork unit, string scope, Caller by, TripChoice choice, CancellationToken cancel)
    {
        foreach (var trip in await unit.Db.BreakerTrips.Where(t => t.Scope == scope && t.ClosedAt == null).ToListAsync(cancel))
        {
            if (choice == TripChoice.Resume && trip.Then is not (BreakerOutcome.Pause or BreakerOutcome.Stop) && trip.Choice is null)
            {
                // An alert or a review halted nothing that could be resumed by that button.
                continue;
            }

            Close(trip, by, unit.Now, choice == TripChoice.Resume ? BreakerOf(trip).AsMuchAgain(await FigureAsync(unit, trip, cancel)) : null);
            trip.Choice = choice.Text();
            await unit.Db.Handoffs.Where(h => h.Id == trip.HandoffId && h.Status == HandoffStatus.Open).ExecuteUpdateAsync(
                set => set.SetProperty(h => h.Status, HandoffStatus.Resolved).SetProperty(h => h.DecidedBy, by.Name).SetProperty(h => h.DecidedAt, unit.Now)
                    .SetProperty(h => h.Decision, choice.Text()).SetProperty(h => h.Version, h => h.Version + 1),
                cancel);
            await Alerts.ResolveAsync(unit, Alerts.OfHandoff(trip.HandoffId), by.Name, cancel);
            unit.Tell(HintKind.Handoff, trip.HandoffId);
        }

        await unit.Db.SaveChangesAsync(cancel);
    }

    /// <summary>Where the figure stands by now: it may have grown since.</summary>
    private static async Task<decimal> FigureAsync(UnitOfWork unit, BreakerTrip trip, CancellationToken cancel) =>
        trip.Scope == Scopes.Session(trip.SessionId) && await unit.Db.FindSessionAsync(trip.SessionId, cancel) is { } session
            && SessionFigures.Of(session, unit.Now)[trip.Metric] is { } now ? Math.Max(now, trip.Figure) : trip.Figure;
}
