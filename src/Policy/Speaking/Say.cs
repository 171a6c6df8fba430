using System.Globalization;

namespace Handrail.Policy;

/// <summary>Figures and lists as people read them, the same in every culture.</summary>
internal static class Say
{
    private const int MostListed = 10;

    /// <summary>Such as <c>1,048.20 USD</c>.</summary>
    public static Figure Money(decimal amount, string? currency) => new(amount, amount.Scale <= 2 ? "N2" : "#,##0.00######", currency ?? "");

    /// <summary>Such as <c>0.8</c> or <c>1,500</c>.</summary>
    public static Figure Number(decimal number) => new(number, number.Scale == 0 ? "N0" : "#,##0.########");

    /// <summary>Such as <c>A, B or C</c>; of very many the first few and how many more.</summary>
    public static string List(IEnumerable<string> items, string conjunction)
    {
        var all = items.ToList();
        if (all.Count > MostListed) all = [.. all.Take(MostListed - 1), $"{Number(all.Count - MostListed + 1)} more"];
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} {conjunction} {all[^1]}";
    }

    /// <summary>Such as <c>2026-12-31</c>.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Such as <c>15 minutes</c>, in the greatest unit that comes out even.</summary>
    public static string Duration(TimeSpan time)
    {
        var (count, unit) = time switch
        {
            _ when time.Ticks % TimeSpan.TicksPerDay == 0 => (time.TotalDays, "day"),
            _ when time.Ticks % TimeSpan.TicksPerHour == 0 => (time.TotalHours, "hour"),
            _ when time.Ticks % TimeSpan.TicksPerMinute == 0 => (time.TotalMinutes, "minute"),
            _ => (time.TotalSeconds, "second"),
        };
        return $"{Number((decimal)count)} {unit}{(count == 1 ? "" : "s")}";
    }
}
