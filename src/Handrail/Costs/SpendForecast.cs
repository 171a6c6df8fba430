namespace Handrail.Costs;

/// <summary>What will have been spent at the end of a period if it goes on as it did.</summary>
/// <param name="Usd">What was spent so far and what the rest of the period usually costs.</param>
/// <param name="Low">The same where the rest costs as in the leanest of the weeks, or days, that it is made from.</param>
/// <param name="High">As in the dearest.</param>
/// <param name="Days">Whole days that it is made from.</param>
/// <param name="ByWeekday">Made from the same hours of the same weekdays; otherwise from the same hours of any day.</param>
/// <param name="SpentAt">The hour in which the budget will be spent; null where it lasts.</param>
public sealed record ForecastReading(decimal Usd, decimal Low, decimal High, int Days, bool ByWeekday, DateTimeOffset? SpentAt);

/// <summary>
/// How spending goes on to the end of a period: each hour that is left costs what the same hour of the same weekday cost on average over the last weeks; with
/// less than two weeks to go by, what the same hour of the day cost. It knows nothing of holidays, releases and growth.
/// </summary>
public sealed class SpendForecast
{
    /// <summary>Fewer whole days than these say nothing about the next.</summary>
    public const int LeastDays = 3;

    /// <summary>Older days than these tell of another time.</summary>
    public const int MostDays = 28;

    private const int Week = 7;

    private readonly TimeZoneInfo _zone;
    private readonly bool _byWeekday;
    private readonly Dictionary<(DayOfWeek? Day, int Hour), decimal> _usual = [];
    private readonly int _days;
    private readonly decimal _leanest = 1;
    private readonly decimal _dearest = 1;

    private SpendForecast(TimeZoneInfo zone, List<(DateOnly Day, Dictionary<int, decimal> Hours)> days)
    {
        (_zone, _days, _byWeekday) = (zone, days.Count, days.Count >= 2 * Week);

        // Whole weeks, so that each weekday has the same say.
        var used = _byWeekday ? days.TakeLast(days.Count / Week * Week).ToList() : days;
        _days = used.Count;
        foreach (var group in used.GroupBy(d => _byWeekday ? d.Day.DayOfWeek : (DayOfWeek?)null))
        {
            for (var hour = 0; hour < 24; hour++)
            {
                _usual[(group.Key, hour)] = group.Sum(d => d.Hours.GetValueOrDefault(hour)) / group.Count();
            }
        }

        var spans = used.Chunk(_byWeekday ? Week : 1).Select(c => c.Sum(d => d.Hours.Values.Sum())).ToList();
        if (spans.Average() is > 0 and var mean)
        {
            (_leanest, _dearest) = (spans.Min() / mean, spans.Max() / mean);
        }
    }

    /// <summary>Null where there are too few whole days.</summary>
    /// <param name="hours">What was spent, by the hour; hours that are not there cost nothing.</param>
    /// <param name="since">The first hour that anything is known of: the day that it lies in is no whole one.</param>
    public static SpendForecast? From(IReadOnlyDictionary<DateTimeOffset, decimal> hours, DateTimeOffset since, DateTimeOffset now, TimeZoneInfo zone)
    {
        var (first, today) = (CostDays.Of(since, zone).AddDays(1), CostDays.Of(now, zone));
        first = first < today.AddDays(-MostDays) ? today.AddDays(-MostDays) : first;
        if (today.DayNumber - first.DayNumber < LeastDays)
        {
            return null;
        }

        var days = Enumerable.Range(0, today.DayNumber - first.DayNumber).Select(i => (Day: first.AddDays(i), Hours: new Dictionary<int, decimal>())).ToList();
        foreach (var (hour, usd) in hours)
        {
            var local = TimeZoneInfo.ConvertTime(hour, zone);
            if (DateOnly.FromDateTime(local.DateTime).DayNumber - first.DayNumber is >= 0 and var at && at < days.Count)
            {
                days[at].Hours[local.Hour] = days[at].Hours.GetValueOrDefault(local.Hour) + usd;
            }
        }

        return new SpendForecast(zone, days);
    }

    /// <param name="spent">What the period has cost up to now.</param>
    /// <param name="end">When it ends.</param>
    /// <param name="budget">What it may cost.</param>
    public ForecastReading To(decimal spent, DateTimeOffset now, DateTimeOffset end, decimal budget)
    {
        var (rest, spentAt) = (0m, (DateTimeOffset?)null);
        for (var hour = HourlyCost.HourOf(now); hour < end; hour = hour.AddHours(1))
        {
            var local = TimeZoneInfo.ConvertTime(hour, _zone);
            var (from, until) = (hour < now ? now : hour, hour.AddHours(1) < end ? hour.AddHours(1) : end);
            var left = (decimal)(until - from).Ticks / TimeSpan.TicksPerHour;
            rest += _usual.GetValueOrDefault((_byWeekday ? local.DayOfWeek : null, local.Hour)) * left;
            spentAt ??= spent < budget && spent + rest >= budget ? hour : null;
        }

        return new ForecastReading(spent + rest, spent + (rest * _leanest), spent + (rest * _dearest), _days, _byWeekday, spentAt);
    }
}
