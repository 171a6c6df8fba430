namespace Handrail.Costs;

/// <summary>
/// The days of a place. Each moment lies in one of them, also where a clock is put forward or back at midnight, or where a day was left out. What is
/// added up by the hour counts to the day in which its hour begins.
/// </summary>
public static class CostDays
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    /// <summary>The day that a moment lies in.</summary>
    public static DateOnly Of(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);

    /// <summary>The first moment of a day; that of the next where the place has no such day.</summary>
    public static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local += Step;
        }

        // Where midnight comes twice, the first one.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    /// <summary>The first day of the month of a day.</summary>
    public static DateOnly MonthOf(DateOnly day) => new(day.Year, day.Month, 1);
}
