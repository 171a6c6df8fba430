using Handrail.Breakers;
using Handrail.Notify;
using Handrail.Policy;

namespace Handrail.Sessions;

/// <summary>The fleet at one moment, for the Fleet page.</summary>
public sealed record FleetReading
{
    /// <summary>When it was read.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Sessions that are under way, by state; lost ones only while their silence is less than a day old.</summary>
    public required IReadOnlyDictionary<SessionState, int> Sessions { get; init; }

    /// <summary>The same by what they are at.</summary>
    public required IReadOnlyDictionary<SessionActivity, int> Activities { get; init; }

    /// <summary>Spent within the last sixty minutes, in billionths of a US dollar: what goes by now and, of the hour before, the share still within.</summary>
    public required long BurnNanos { get; init; }

    /// <summary>The fleet's strictest breaker on the money of one hour, in US dollars: what the burn stands against. Null where there is none.</summary>
    public required decimal? HourlyLimitUsd { get; init; }

    /// <summary>Spent since the person's day began, to the hour, in billionths of a US dollar.</summary>
    public required long TodayNanos { get; init; }

    /// <summary>The fleet's budget for a day, in US dollars; null where there is none. It informs; what halts is the breaker.</summary>
    public decimal? DayBudgetUsd { get; init; }

    /// <summary>Spent in each of the last 24 hours, the oldest first, the running one last, in billionths of a US dollar.</summary>
    public required IReadOnlyList<long> Hours { get; init; }

    /// <summary>What went by itself within the last 24 hours.</summary>
    public required AutonomyRate Rate { get; init; }

    /// <summary>Handoffs over which somebody waits.</summary>
    public required int OpenHandoffs { get; init; }

    /// <summary>What has gone by itself and is to be looked at: nobody waits for it, and it makes nothing urgent.</summary>
    public required int OpenSamples { get; init; }

    /// <summary>Since when the oldest open handoff waits.</summary>
    public required DateTimeOffset? OldestHandoffAt { get; init; }

    /// <summary>Every agent known, by name: a card keeps its place while its agent starts and stops.</summary>
    public required IReadOnlyList<AgentCard> Agents { get; init; }

    /// <summary>What is ordered for the fleet as a whole; null while it runs.</summary>
    public required ScopeReading? Held { get; init; }

    /// <summary>Tools and action types that are switched off, the oldest first.</summary>
    public required IReadOnlyList<SwitchedOffReading> SwitchedOff { get; init; }

    /// <summary>Orders that are not acknowledged in time, the newest first, at most <see cref="FleetQueries.MostTrips"/>.</summary>
    public required IReadOnlyList<AlertReading> NotObeyed { get; init; }

    /// <summary>Breakers that have tripped and that nobody has resumed, those that nobody has decided on first, at most <see cref="FleetQueries.MostTrips"/>.</summary>
    public required IReadOnlyList<TripReading> Trips { get; init; }

    /// <summary>How many there are.</summary>
    public required int Tripped { get; init; }

    /// <summary>The breakers of the fleet's policy, for the first visit; empty afterwards.</summary>
    public IReadOnlyList<Breaker> FirstBreakers { get; init; } = [];

    /// <summary>Nothing has ever come in.</summary>
    public required bool Untouched { get; init; }

    public int In(SessionState state) => Sessions.GetValueOrDefault(state);

    public int AreAt(SessionActivity activity) => Activities.GetValueOrDefault(activity);
}

/// <summary>Of the actions that agents asked for, how many went without a person. What was denied, or recorded and not done, went nowhere and is in neither.</summary>
/// <param name="ByItself">Let go at once.</param>
/// <param name="WithPerson">Put to a person, whatever became of them.</param>
public sealed record AutonomyRate(int ByItself, int WithPerson)
{
    /// <summary>Null where nothing was asked.</summary>
    public double? Share => ByItself + WithPerson == 0 ? null : (double)ByItself / (ByItself + WithPerson);
}

/// <summary>An agent on the Fleet page.</summary>
public sealed record AgentCard
{
    public required string Agent { get; init; }

    public string? Version { get; init; }

    /// <summary>The level that rules what no policy names by its type.</summary>
    public required Autonomy Level { get; init; }

    /// <summary>Some action types have a level of their own.</summary>
    public required bool LevelVaries { get; init; }

    public required IReadOnlyDictionary<SessionState, int> Sessions { get; init; }

    /// <summary>The same by what they are at.</summary>
    public required IReadOnlyDictionary<SessionActivity, int> Activities { get; init; }

    public required long BurnNanos { get; init; }

    /// <summary>The strictest breaker on what the agent spends within one hour, in US dollars; null where there is none.</summary>
    public required decimal? HourlyLimitUsd { get; init; }

    public required long TodayNanos { get; init; }

    /// <summary>Spent in each of the last 24 hours, the oldest first, the running one last, in billionths of a US dollar.</summary>
    public required IReadOnlyList<long> Hours { get; init; }

    /// <summary>Calls of models and tools that the agent itself made in this clock hour and the one before, in whosever session, and that failed.</summary>
    public required int Errors { get; init; }

    /// <summary>All such calls.</summary>
    public required int Calls { get; init; }

    /// <summary>How long its calls of this clock hour and the one before took; null where it made none.</summary>
    public required CallSpeed? Speed { get; init; }

    /// <summary>What of its actions went by itself within the last 24 hours; null where it asked for none.</summary>
    public required AutonomyRate? Rate { get; init; }

    public required DateTimeOffset LastActivityAt { get; init; }

    /// <summary>What is ordered for the agent; null while it runs.</summary>
    public ScopeReading? Held { get; init; }

    public int In(SessionState state) => Sessions.GetValueOrDefault(state);

    public int AreAt(SessionActivity activity) => Activities.GetValueOrDefault(activity);
}
