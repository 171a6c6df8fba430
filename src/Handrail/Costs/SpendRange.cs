using System.Globalization;

namespace Handrail.Costs;

/// <summary>A stretch of time over which something was spent; within a day it is looked at by the hour.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="Day">The day that it is, or lies in.</param>
public sealed record SpendBucket(DateTimeOffset Start, DateOnly Day);

/// <summary>Whole days of a place, the last of them as far as it has come.</summary>
/// <param name="First">The first day.</param>
/// <param name="Last">The last day, and none before the first.</param>
public sealed record SpendRange(DateOnly First, DateOnly Last, TimeZoneInfo Zone)
{
    /// <summary>More days than this are a question for the file, a year at a time.</summary>
    public const int MostDays = 400;

    /// <summary>The ranges that have a name, by the word in an address, with their days up to today.</summary>
    public static IReadOnlyList<(string Word, int Days, string Name)> Named { get; } = [("today", 1, "Today"), ("7", 7, "7 days"), ("30", 30, "30 days"), ("90", 90, "90 days")];

    /// <summary>The range of whoever asks for none.</summary>
    public const string Usual = "30";

    /// <summary>When the first day begins.</summary>
    public DateTimeOffset Since => CostDays.StartOf(First, Zone);

    /// <summary>When the day after the last begins.</summary>
    public DateTimeOffset Until => CostDays.StartOf(Last.AddDays(1), Zone);

    public int Days => Last.DayNumber - First.DayNumber + 1;

    /// <summary>A single day is looked at by the hour.</summary>
    public bool ByHour => Days == 1;

    /// <summary>The days, or the hours of the one day, in their order.</summary>
    public IReadOnlyList<SpendBucket> Buckets()
    {
        if (!ByHour)
        {
            return [.. Enumerable.Range(0, Days).Select(i => First.AddDays(i)).Select(d => new SpendBucket(CostDays.StartOf(d, Zone), d))];
        }

        // Hours are counted as they are kept: in a place half an hour beside them, the first begins after the day does.
        var hours = new List<SpendBucket>();
        for (var hour = HourlyCost.HourOf(Since.AddTicks(TimeSpan.TicksPerHour - 1)); hour < Until; hour = hour.AddHours(1))
        {
            hours.Add(new SpendBucket(hour, First));
        }

        return hours;
    }

    /// <summary>Which of <see cref="Buckets"/> an hour belongs to; negative when it is in none.</summary>
    public int BucketOf(DateTimeOffset hour)
    {
        if (hour < Since || hour >= Until)
        {
            return -1;
        }

        return ByHour ? (int)((hour - HourlyCost.HourOf(Since.AddTicks(TimeSpan.TicksPerHour - 1))).Ticks / TimeSpan.TicksPerHour) : CostDays.Of(hour, Zone).DayNumber - First.DayNumber;
    }

    /// <summary>The range that an address asks for.</summary>
    /// <param name="word">One of <see cref="Named"/>; with <paramref name="from"/> or <paramref name="to"/> it says nothing.</param>
    /// <param name="from">The first day, such as <c>2026-11-01</c>.</param>
    /// <param name="to">The last day; today when it is not said.</param>
    /// <exception cref="Refusal">A day is none, the first is after the last, or there are too many.</exception>
    public static SpendRange Of(string? word, string? from, string? to, DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = CostDays.Of(now, zone);
        if (string.IsNullOrWhiteSpace(from) && string.IsNullOrWhiteSpace(to))
        {
            var days = Named.FirstOrDefault(n => n.Word == (string.IsNullOrWhiteSpace(word) ? Usual : word)).Days;
            return days > 0 ? new SpendRange(today.AddDays(1 - days), today, zone) : throw Refusal.Invalid("range", $"must be one of {string.Join(", ", Named.Select(n => n.Word))}.");
        }

        var last = Day("to", to) ?? today;
        var first = Day("from", from) ?? last;
        if (first > last)
        {
            throw Refusal.Invalid("from", "must not be after the last day.");
        }

        return last.DayNumber - first.DayNumber < MostDays ? new SpendRange(first, last, zone) : throw Refusal.Invalid("from", $"must be at most {MostDays} days before the last day.");
    }

    private static DateOnly? Day(string name, string? text) =>
        string.IsNullOrWhiteSpace(text) ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 2200 ? day
        : throw Refusal.Invalid(name, "must be a day, such as 2026-11-01.");
}
