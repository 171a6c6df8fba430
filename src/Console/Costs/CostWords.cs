using System.Globalization;
using Handrail.Notify;
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

    /// <summary>"daily budget of the fleet".</summary>
    public static string Name(SpendBudget budget) => $"{(budget.Period == SpendPeriod.Day ? "daily" : "monthly")} budget of {(budget.Agent is { } agent ? Wording.Line(agent) : "the fleet")}";

    /// <summary>The present period of a budget.</summary>
    public static string Period(BudgetReading reading) =>
        reading.Budget.Period == SpendPeriod.Day ? $"Day, {reading.First.ToString("ddd d MMM", Culture)}" : $"Month, {reading.First.ToString("MMM yyyy", Culture)}";

    /// <summary>How a budget's bar is coloured.</summary>
    public static string Look(BudgetReading reading) => reading.Share >= 1 ? "bad" : reading.Share >= .8 || reading.Forecast?.SpentAt is not null ? "warning" : "good";

    /// <summary>An hour of a period, as exactly as a forecast can know it.</summary>
    public static string Hour(DateTimeOffset at, TimeZoneInfo zone, SpendPeriod period) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString(period == SpendPeriod.Day ? "HH:mm" : "ddd d MMM", Culture);

    /// <summary>How a forecast is made.</summary>
    public static string Made(ForecastReading forecast) => forecast.ByWeekday
        ? $"A forecast takes each hour that is left to cost what the same hour of the same weekday cost on average in the last {forecast.Days} days; it lies between what the leanest and the dearest of those weeks would make it."
        : $"A forecast takes each hour that is left to cost what the same hour of the day cost on average in the last {forecast.Days} days, too few to tell weekdays apart; it lies between what the leanest and the dearest of those days would make it.";
}
