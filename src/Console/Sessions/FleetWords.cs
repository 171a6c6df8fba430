using Handrail.Shell.Display;

namespace Handrail.Sessions;

/// <summary>The fleet's figures in words, the same on the page and on the wall.</summary>
public static class FleetWords
{
    /// <summary>From here on the burn is worth a look: half of what is left of it goes in a few minutes when it doubles.</summary>
    private const decimal Near = 0.8m;

    private static readonly (SessionActivity Activity, string Words)[] Running =
    [
        (SessionActivity.Working, "working"), (SessionActivity.InCall, "in a call"), (SessionActivity.OnChild, "on a child"), (SessionActivity.BetweenTurns, "between turns"), (SessionActivity.Silent, "silent"),
    ];

    /// <summary>What those that run are at: <c>12 working, 3 in a call, 1 silent</c>; empty where none runs.</summary>
    public static string RunningAt(IReadOnlyDictionary<SessionActivity, int> activities) =>
        string.Join(", ", Running.Where(r => activities.GetValueOrDefault(r.Activity) > 0).Select(r => $"{Figures.Count(activities[r.Activity])} {r.Words}"));

    /// <summary>Some sessions that run are silent for no known reason.</summary>
    public static bool MayBeStuck(FleetReading fleet) => fleet.AreAt(SessionActivity.Silent) > 0;

    /// <summary>A state too rare for a tile of its own; nothing while no session is in it.</summary>
    public static string? Beside(FleetReading fleet, SessionState state, string word) => fleet.In(state) is > 0 and var count ? $"+{Figures.Count(count)} {word}" : null;

    /// <summary>How a figure stands against what it should not come to.</summary>
    public static Tone Against(long nanos, decimal? limitUsd) => limitUsd is not { } limit ? Tone.Neutral
        : nanos / 1_000_000_000m is var usd && usd >= limit ? Tone.Bad : usd >= limit * Near ? Tone.Warning : Tone.Neutral;

    /// <param name="none">Said where no breaker limits it.</param>
    public static string Limit(decimal? limitUsd, string none) => limitUsd is { } limit ? $"breaker at {Figures.Money(limit, "USD")}/h" : none;

    public static string? Budget(decimal? dayUsd) => dayUsd is { } usd ? $"of {Figures.Money(usd, "USD")} budgeted a day" : null;

    public static string Spent(IReadOnlyList<long> hours) => $"Spent by hour in the last 24 hours, at most {Figures.Cost(hours.Max(), 2)} in one";

    public static string Rate(AutonomyRate rate) => rate.Share is null ? "no action asked for in 24 h" : $"{Figures.Short(rate.ByItself)} of {Figures.Short(rate.ByItself + rate.WithPerson)} went without a person, 24 h";

    /// <summary>The share of an agent's calls that failed; unknown where it made none.</summary>
    public static string Errors(AgentCard card) => card.Calls == 0 ? Figures.Unknown : Figures.Percent((double)card.Errors / card.Calls);
}
