namespace Handrail.Policy;

/// <summary>At which figure a breaker trips, first and after a person has resumed it.</summary>
public static class BreakerLimits
{
    /// <summary>Found in the order of a session's calls, and not a sum over them.</summary>
    public static bool IsPattern(this BreakerMetric metric) => metric is BreakerMetric.RepeatedCalls or BreakerMetric.PingPong or BreakerMetric.ConsecutiveErrors;

    /// <summary>A figure that one session has and no sum over several does: over more, the highest of any of its sessions counts.</summary>
    public static bool IsOfOneSession(this BreakerMetric metric) =>
        metric.IsPattern() || metric is BreakerMetric.ContextTokens or BreakerMetric.ElapsedSeconds or BreakerMetric.SilenceSeconds;

    /// <summary>
    /// Whether the figure goes on from where it tripped when a person resumes, so that only a higher limit lets it go on. Others count anew: what
    /// was before the resume is not counted any more.
    /// </summary>
    public static bool GoesOn(this Breaker breaker) =>
        breaker.Window is null && !breaker.Metric.IsPattern() && breaker.Metric != BreakerMetric.SilenceSeconds;

    /// <summary>Whether a figure trips it.</summary>
    /// <param name="breaker">The breaker as the policy in force has it.</param>
    /// <param name="figure">The figure; an unknown one trips nothing.</param>
    /// <param name="resumed">The limits it was last resumed with: the policy's then, and what holds instead of it. A limit that was changed since holds as it is now.</param>
    public static bool Trips(this Breaker breaker, decimal? figure, (decimal Threshold, decimal? NewLimit)? resumed = null) =>
        figure > (resumed is { NewLimit: { } limit } last && last.Threshold == breaker.Threshold ? limit : breaker.Threshold);

    /// <summary>What holds after a resume without a new limit: as much again for a figure that goes on; null for one that counts anew.</summary>
    public static decimal? AsMuchAgain(this Breaker breaker, decimal figure) => breaker.GoesOn() ? figure + breaker.Threshold : null;
}
