namespace Handrail.Policy;

/// <summary>Moments that stand for all, as far as hours and weekdays on some clocks tell them apart.</summary>
internal static class Moments
{
    private const int QuartersPerDay = 96;

    /// <summary>On one clock a fortnight has every hour of every weekday, also when clocks are set meanwhile.</summary>
    private const int OneClock = 14 * QuartersPerDay;

    /// <summary>Where clocks of several zones are read, they may be set on different days: a whole year of quarter hours from now on.</summary>
    private const int SeveralClocks = 366 * QuartersPerDay;

    public static IReadOnlyList<DateTimeOffset> From(DateTimeOffset now, IReadOnlyCollection<TimeZoneInfo> zones, IReadOnlyCollection<CompiledLimit> ending)
    {
        // What a limit lets go that has ended by now is no example of what will go.
        var start = ending.Count > 0 ? now : new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var moments = Enumerable.Range(0, zones.Count > 1 ? SeveralClocks : OneClock).Select(quarter => start.AddMinutes(15 * quarter));
        return [.. moments.DistinctBy(moment => string.Join(',', zones.Select(zone => HourOfWeek(moment, zone)).Concat(ending.Select(limit => limit.HoldsAt(moment) ? 1 : 0))))];
    }

    private static int HourOfWeek(DateTimeOffset moment, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(moment, zone);
        return ((int)local.DayOfWeek * 24) + local.Hour;
    }
}
