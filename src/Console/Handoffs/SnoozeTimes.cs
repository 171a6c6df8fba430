namespace Handrail.Handoffs;

/// <summary>Times that people put something aside until.</summary>
public static class SnoozeTimes
{
    private const int Morning = 9;

    /// <param name="zone">The person's: a morning is theirs.</param>
    public static IEnumerable<(string Name, DateTimeOffset At)> From(DateTimeOffset now, TimeZoneInfo zone)
    {
        yield return ("15 minutes", now.AddMinutes(15));
        yield return ("1 hour", now.AddHours(1));
        yield return ("4 hours", now.AddHours(4));
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var morning = local.Date.AddDays(1).AddHours(Morning);
        yield return ("Tomorrow at 9", new DateTimeOffset(morning, zone.GetUtcOffset(morning)));
    }
}
