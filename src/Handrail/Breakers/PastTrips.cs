using Handrail.Policy;

namespace Handrail.Breakers;

/// <summary>How a scope's breakers stand by its trips so far.</summary>
internal sealed class PastTrips(IEnumerable<BreakerTrip> trips)
{
    private readonly List<BreakerTrip> _trips = [.. trips];

    public static readonly PastTrips None = new([]);

    /// <summary>It has tripped, and nobody has resumed it.</summary>
    public bool IsOpen(StandingBreaker standing) => Of(standing).Any(t => t.ClosedAt is null);

    /// <summary>Whether a figure trips it, by the limit that it was last resumed with.</summary>
    public bool Trips(StandingBreaker standing, decimal? figure) =>
        standing.Breaker.Trips(figure, LastResumed(standing) is { } last ? (last.Threshold, last.NewLimit) : null);

    /// <summary>What was before that moment is not counted any more, since it was resumed without a new limit; null where all counts.</summary>
    public DateTimeOffset? Since(StandingBreaker standing) =>
        LastResumed(standing) is { } last && (last.NewLimit is null || last.Threshold != standing.Breaker.Threshold) && !standing.Breaker.GoesOn() ? last.ClosedAt : null;

    private BreakerTrip? LastResumed(StandingBreaker standing) => Of(standing).Where(t => t.ClosedAt is not null).MaxBy(t => t.ClosedAt);

    private IEnumerable<BreakerTrip> Of(StandingBreaker standing) =>
        _trips.Where(t => t.BreakerId == standing.Breaker.Id && t.Metric == standing.Breaker.Metric && t.Layer == standing.Layer);
}
