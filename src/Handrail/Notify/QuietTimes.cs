namespace Handrail.Notify;

/// <summary>Quiet hours on the clock of their place, which twice a year skips an hour or has one twice.</summary>
public static class QuietTimes
{
    /// <summary>Seven days of whole-day quiet follow one another without end: past this it is loud again.</summary>
    private const int MostDays = 14;

    /// <summary>The end of the quiet hours that this moment lies in; null when it lies in none.</summary>
    public static DateTimeOffset? EndAfter(QuietHours quiet, DateTimeOffset moment)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(quiet.TimeZone);
        DateTimeOffset? end = null;
        for (var at = moment; EndOf(quiet, zone, at) is { } until && until > at && until < moment.AddDays(MostDays); at = until)
        {
            end = until;
        }

        return end;
    }

    private static DateTimeOffset? EndOf(QuietHours quiet, TimeZoneInfo zone, DateTimeOffset moment)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime);
        for (var day = today.AddDays(-1); day <= today; day = day.AddDays(1))
        {
            if (quiet.Days.Count > 0 && !quiet.Days.Contains(day.DayOfWeek))
            {
                continue;
            }

            var (from, to) = (InUtc(zone, day, quiet.From), InUtc(zone, quiet.To > quiet.From ? day : day.AddDays(1), quiet.To));
            if (from <= moment && moment < to)
            {
                return to;
            }
        }

        return null;
    }

    private static DateTimeOffset InUtc(TimeZoneInfo zone, DateOnly day, TimeOnly at)
    {
        var local = day.ToDateTime(at);
        while (zone.IsInvalidTime(local))
        {
            // The clock is put forward past it: the first moment after that.
            local = local.AddMinutes(1);
        }

        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
