using System.Globalization;
using Handrail.Shell.Display;

namespace Handrail.Costs;

/// <summary>Figures of the Costs page in words.</summary>
public static class CostWords
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", Culture);

    /// <summary>A day with its weekday: which one it is matters to who works on some.</summary>
    public static string LongDay(DateOnly day) => day.ToString("ddd d MMM yyyy", Culture);

    public static string Days(SpendRange range) =>
        (range.ByHour ? LongDay(range.First) : $"{LongDay(range.First)} to {LongDay(range.Last)}") + $", {range.Zone.Id}";

    /// <summary>What one of a range's days, or hours, is called.</summary>
    public static string Bucket(SpendRange range, SpendBucket bucket) =>
        range.ByHour ? TimeZoneInfo.ConvertTime(bucket.Start, range.Zone).ToString("HH:mm", Culture) : LongDay(bucket.Day);

    /// <summary>Tokens cut to three figures; more than a number can hold is told as the most it can.</summary>
    public static string Tokens(decimal tokens) => Figures.Short((long)Math.Clamp(tokens, long.MinValue, long.MaxValue));

    public static string Saved(decimal usd) => usd < 0 ? $"−{Figures.Usd(-usd)}" : Figures.Usd(usd);

    /// <summary>Money that may be less than a cent.</summary>
    public static string Fine(decimal usd) => Figures.Usd(usd, usd is > 0 and < 1 ? 4 : 2);

    /// <summary>What has no name in a breakdown.</summary>
    public static string Nameless(SpendBy by) => by switch
    {
        SpendBy.Agent => "No agent known",
        SpendBy.Model => "Not a model: tools, people, other",
        SpendBy.Tool => "Not a tool: models, people, other",
        _ => "No user known",
    };

    public static string Share(decimal part, decimal whole) => whole <= 0 ? "" : Figures.Percent((double)(part / whole));
}
