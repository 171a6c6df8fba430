using System.Linq.Expressions;
using Handrail.Policy;
using Handrail.Sessions;
using Handrail.Store;
using Microsoft.EntityFrameworkCore;

namespace Handrail.Breakers;

/// <summary>A trip as pages show it.</summary>
/// <param name="Trip">What tripped, by which figure.</param>
/// <param name="Waits">Nobody has decided on it yet.</param>
public sealed record TripReading(BreakerTrip Trip, bool Waits)
{
    public string Sentence => TripWords.Sentence(Trip);

    /// <summary>Such as <c>the fleet</c>, <c>agent desk</c> or <c>this session</c>.</summary>
    public string Whose => Trip.Scope == Scopes.Fleet ? "the fleet"
        : Trip.Scope.StartsWith(Scopes.Agent(""), StringComparison.Ordinal) ? $"agent {Trip.Scope[Scopes.Agent("").Length..]}" : "this session";

    public bool OfSession => Trip.Scope.StartsWith(Scopes.Session(""), StringComparison.Ordinal);

    /// <summary>Resuming without a new limit allows up to that; null where counting begins anew.</summary>
    public decimal? AsMuchAgain => ResumeTrips.BreakerOf(Trip).AsMuchAgain(Trip.Figure);

    /// <summary>A new limit has to be above the figure.</summary>
    public bool MustExceed => ResumeTrips.BreakerOf(Trip).GoesOn() || Trip.Metric.IsPattern();

    internal static Task<List<TripReading>> ReadAsync(HandrailDb db, Expression<Func<BreakerTrip, bool>> which, int most, CancellationToken cancel) => db.BreakerTrips.AsNoTracking()
        .Where(which).OrderByDescending(t => t.TrippedAt).ThenByDescending(t => t.Id).Take(most)
        .Select(t => new TripReading(t, t.ClosedAt == null && db.Handoffs.Any(h => h.Id == t.HandoffId && h.Status == Handoffs.HandoffStatus.Open))).ToListAsync(cancel);
}
