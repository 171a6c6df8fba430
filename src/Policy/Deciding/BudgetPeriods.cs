using System.Globalization;

namespace Handrail.Policy;

/// <summary>Names the period of a budget that a moment falls into.</summary>
internal static class BudgetPeriods
{
    /// <summary>Such as <c>session:s-1</c>, <c>day:2026-01-31</c>, <c>week:2026-W05</c>, <c>month:2026-01</c>, in a zone's calendar.</summary>
    public static string Key(BudgetPeriod period, string sessionId, DateTimeOffset now, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        return period switch
        {
            BudgetPeriod.Day => string.Create(CultureInfo.InvariantCulture, $"day:{local:yyyy-MM-dd}"),
            BudgetPeriod.Week => string.Create(CultureInfo.InvariantCulture, $"week:{ISOWeek.GetYear(local):0000}-W{ISOWeek.GetWeekOfYear(local):00}"),
            BudgetPeriod.Month => string.Create(CultureInfo.InvariantCulture, $"month:{local:yyyy-MM}"),
            _ => $"session:{sessionId}",
        };
    }
}
