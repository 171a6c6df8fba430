namespace Handrail.Costs;

/// <summary>An hour that cost much more than the same hour of the week in earlier weeks.</summary>
/// <param name="Agent">Null for the fleet as a whole, where no single agent stands out.</param>
/// <param name="Median">Of the earlier weeks, in US dollars.</param>
/// <param name="Deviation">Their median absolute deviation from it.</param>
/// <param name="Weeks">How many earlier weeks.</param>
public sealed record SpendAnomaly(string? Agent, DateTimeOffset Hour, decimal Usd, decimal Median, decimal Deviation, int Weeks);

/// <summary>Hours that stand out.</summary>
/// <param name="Anomalies">The furthest above their usual first.</param>
/// <param name="Judged">Hours of agents that had earlier weeks enough to be judged.</param>
/// <param name="JudgedFrom">When the first agent will have enough, where none has yet; null where hours were judged, or nothing was spent.</param>
public sealed record AnomalyReading(IReadOnlyList<SpendAnomaly> Anomalies, int Judged, DateTimeOffset? JudgedFrom);

/// <summary>
/// Compares each hour with the same hour of the week in the eight weeks before it, by median and median absolute deviation, which a few odd weeks do not move.
/// Weeks before an agent first spent something are no history.
/// </summary>
public static class SpendAnomalies
{
    /// <summary>Weeks looked back.</summary>
    public const int Weeks = 8;

    /// <summary>With fewer earlier weeks nothing is judged.</summary>
    public const int LeastWeeks = 4;

    /// <summary>What lies less above the usual, in US dollars, is not worth a line.</summary>
    public const decimal Least = 0.5m;

    /// <summary>So many standard deviations above the median, as the median absolute deviation tells of one.</summary>
    public const decimal Far = 5;

    /// <summary>A standard deviation in median absolute deviations, where figures are spread normally.</summary>
    private const decimal Sigma = 1.4826m;

    /// <summary>What is not so many times its median does not stand out, however alike the earlier weeks were: few weeks are often alike by chance.</summary>
    public const decimal Times = 2.5m;

    /// <param name="hours">What agents spent by the hour, in the range and the weeks before it.</param>
    /// <param name="wholeFleet">The hours are all agents': what stands out only in their sum is told too.</param>
    public static AnomalyReading Of(IReadOnlyDictionary<(string Agent, DateTimeOffset Hour), decimal> hours, SpendRange range, DateTimeOffset now, bool wholeFleet)
    {
        var (found, judged, begins) = (new List<SpendAnomaly>(), 0, (DateTimeOffset?)null);
        foreach (var agent in hours.GroupBy(h => h.Key.Agent, StringComparer.Ordinal))
        {
            var (anomalies, count, begin) = Judge(agent.Key, agent.ToDictionary(h => h.Key.Hour, h => h.Value), range, now);
            found.AddRange(anomalies);
            judged += count;
            begins = begins is null || begin < begins ? begin : begins;
        }

        if (wholeFleet && hours.Count > 0)
        {
            var told = found.Select(a => a.Hour).ToHashSet();
            found.AddRange(Judge(null, hours.GroupBy(h => h.Key.Hour).ToDictionary(g => g.Key, g => g.Sum(h => h.Value)), range, now).Anomalies.Where(a => !told.Contains(a.Hour)));
        }

        return new AnomalyReading(
            [.. found.OrderByDescending(a => a.Usd - a.Median).ThenByDescending(a => a.Hour).ThenBy(a => a.Agent, StringComparer.Ordinal)], judged, judged > 0 ? null : begins?.AddDays(7 * LeastWeeks));
    }

    private static (List<SpendAnomaly> Anomalies, int Judged, DateTimeOffset Begins) Judge(string? agent, Dictionary<DateTimeOffset, decimal> hours, SpendRange range, DateTimeOffset now)
    {
        var (found, judged, begins) = (new List<SpendAnomaly>(), 0, hours.Keys.Min());
        foreach (var bucket in Hours(range, now))
        {
            var earlier = Earlier(bucket, range.Zone).Where(h => h >= begins).Select(h => hours.GetValueOrDefault(h)).ToList();
            if (earlier.Count < LeastWeeks)
            {
                continue;
            }

            judged++;
            var usd = hours.GetValueOrDefault(bucket);
            if (usd < Least)
            {
                continue;
            }

            var median = Median(earlier);
            var deviation = Median(earlier.ConvertAll(e => Math.Abs(e - median)));
            if (usd - median >= Least && usd > Times * median && usd - median > Far * Sigma * deviation)
            {
                found.Add(new SpendAnomaly(agent, bucket, usd, median, deviation, earlier.Count));
            }
        }

        return (found, judged, begins);
    }

    /// <summary>The hours of the range that have begun.</summary>
    private static IEnumerable<DateTimeOffset> Hours(SpendRange range, DateTimeOffset now)
    {
        var until = range.Until < now ? range.Until : now;
        for (var hour = HourlyCost.HourOf(range.Since.AddTicks(TimeSpan.TicksPerHour - 1)); hour < until; hour = hour.AddHours(1))
        {
            yield return hour;
        }
    }

    /// <summary>The same hour by the place's clock, one to eight weeks before; not where that clock had no such hour.</summary>
    private static IEnumerable<DateTimeOffset> Earlier(DateTimeOffset hour, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(hour, zone).DateTime;
        for (var week = 1; week <= Weeks; week++)
        {
            var then = local.AddDays(-7 * week);
            if (!zone.IsInvalidTime(then))
            {
                yield return HourlyCost.HourOf(new DateTimeOffset(then, zone.GetUtcOffset(then)));
            }
        }
    }

    private static decimal Median(List<decimal> values)
    {
        var ordered = values.Order().ToList();
        var middle = ordered.Count / 2;
        return ordered.Count % 2 == 1 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
    }
}
