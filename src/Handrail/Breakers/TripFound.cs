namespace Handrail.Breakers;

/// <summary>A figure over a breaker's limit.</summary>
internal sealed record TripFound(StandingBreaker Standing, decimal Figure)
{
    public TripDetail? Detail { get; init; }

    /// <summary>Sessions that this one belongs with and that took part: what is ordered is ordered for them too.</summary>
    public IReadOnlyList<string> Linked { get; init; } = [];
}
