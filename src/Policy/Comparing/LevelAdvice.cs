namespace Handrail.Policy;

/// <summary>Whether experience speaks for another level of an action type. It only proposes: levels are moved by people.</summary>
public static class LevelAdvice
{
    /// <summary>The share of agreement with people that earns the next level.</summary>
    public const double DefaultThreshold = 0.95;

    /// <summary>On how few decisions no level is earned, however well they agree.</summary>
    public const int LeastDecisions = 50;

    /// <summary>
    /// The level to propose, or null to leave it. One up where the true share of agreement reaches the threshold for all that is known (the lower bound of its interval does),
    /// at <see cref="LeastDecisions"/> decisions or more; one down where it falls short of it for all that is known (the upper bound does), at any
    /// number, but not below the level at which everything goes to a person: there nothing goes wrong by itself.
    /// </summary>
    /// <param name="level">The level now.</param>
    /// <param name="agreement">How far what would have been done at full autonomy agrees with what people did.</param>
    /// <param name="threshold">The share asked for, from 0 to 1.</param>
    public static Autonomy? For(Autonomy level, Agreement agreement, double threshold = DefaultThreshold)
    {
        var interval = agreement.Interval;
        if (interval.High < threshold) return level > Autonomy.Suggest ? level - 1 : null;
        if (agreement.Decided >= LeastDecisions && interval.Low >= threshold) return level < Autonomy.Autonomous ? level + 1 : null;
        return null;
    }
}
