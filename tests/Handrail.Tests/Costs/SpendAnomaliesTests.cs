using CsCheck;
using Xunit;

namespace Handrail.Costs;

/// <summary>An hour against the same hour of earlier weeks.</summary>
public sealed class SpendAnomaliesTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    /// <summary>A week in which the clocks were put back.</summary>
    private static readonly SpendRange Week = new(new DateOnly(2026, 10, 20), new DateOnly(2026, 10, 26), Berlin);

    private static readonly DateTimeOffset Now = Week.Until;

    [Fact]
    public void An_hour_far_above_its_usual_stands_out_with_the_figures_that_say_so()
    {
        var hours = Weekly("desk", weeks: 9);
        var (normal, odd) = (At(22, 14), At(22, 15));
        hours[("desk", odd)] = 60;

        var reading = SpendAnomalies.Of(hours, Week, Now, wholeFleet: true);

        var found = Assert.Single(reading.Anomalies);
        Assert.Equal(("desk", odd, 60m, 8), (found.Agent, found.Hour, found.Usd, found.Weeks));
        Assert.InRange(found.Median, 17, 18);
        Assert.True(found.Deviation < 1);
        Assert.DoesNotContain(reading.Anomalies, a => a.Hour == normal);
        Assert.Equal((7 * 24) + 1, reading.Judged);
    }

    [Fact]
    public void One_odd_week_among_the_earlier_ones_moves_nothing()
    {
        var hours = Weekly("desk", weeks: 9);
        hours[("desk", At(15, 15))] = 4_000;

        Assert.Empty(SpendAnomalies.Of(hours, Week, Now, wholeFleet: false).Anomalies);
        hours[("desk", At(22, 15))] = 60;
        Assert.Single(SpendAnomalies.Of(hours, Week, Now, wholeFleet: false).Anomalies);
    }

    [Fact]
    public void The_same_hour_of_the_week_is_that_of_the_place_whether_its_clock_was_put_back_or_not()
    {
        // Only on Mondays at nine, by the clock of Berlin; the last one is a day after it was put back.
        var mondays = Enumerable.Range(0, 9).ToDictionary(w => ("desk", HourlyCost.HourOf(new DateTimeOffset(new DateTime(2026, 10, 26, 9, 0, 0).AddDays(-7 * w), Berlin.GetUtcOffset(new DateTime(2026, 10, 26, 9, 0, 0).AddDays(-7 * w))))), _ => 20m);

        Assert.Empty(SpendAnomalies.Of(mondays, Week, Now, wholeFleet: false).Anomalies);
        Assert.Single(SpendAnomalies.Of(mondays, Week with { Zone = TimeZoneInfo.Utc }, Now, wholeFleet: false).Anomalies);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void With_too_few_earlier_weeks_nothing_is_judged_and_it_is_said_from_when_on(int weeks, bool judged)
    {
        var hours = Enumerable.Range(0, weeks + 1).ToDictionary(w => ("desk", At(20, 0).AddDays(-7 * w)), w => w == 0 ? 50m : 1m);

        var reading = SpendAnomalies.Of(hours, Week, Now, wholeFleet: false);

        Assert.Equal(judged, reading.Anomalies.Count == 1 && reading.Judged > 0);
        Assert.Equal(judged ? null : At(20, 0).AddDays(7 * (SpendAnomalies.LeastWeeks - weeks)), reading.JudgedFrom);
    }

    [Fact]
    public void What_only_stands_out_in_the_sum_of_all_is_told_of_the_fleet()
    {
        var hours = new Dictionary<(string, DateTimeOffset), decimal>();
        for (var agent = 0; agent < 6; agent++)
        {
            for (var week = 0; week <= 8; week++)
            {
                hours[($"a-{agent}", At(22, 15).AddDays(-7 * week))] = week == 0 ? 0.45m : 0.01m;
            }
        }

        var found = Assert.Single(SpendAnomalies.Of(hours, Week, Now, wholeFleet: true).Anomalies);

        Assert.Equal((null, 2.70m), (found.Agent, found.Usd));
        Assert.Empty(SpendAnomalies.Of(hours, Week, Now, wholeFleet: false).Anomalies);
    }

    [Fact]
    public void Whatever_stands_out_lies_far_above_its_median_and_within_the_range_and_hours_to_come_never_do() => Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 7 * 24]).Sample((seed, hour) =>
    {
        var (random, now) = (new Random(seed), Week.Since.AddHours(hour).AddMinutes(20));
        var hours = Weekly("desk", weeks: random.Next(1, 10)).ToDictionary(h => h.Key, h => random.Next(30) == 0 ? h.Value * random.Next(2, 30) : h.Value * random.Next(50, 150) / 100);

        var reading = SpendAnomalies.Of(hours, Week, now, wholeFleet: false);

        Assert.All(reading.Anomalies, a =>
        {
            Assert.True(a.Usd - a.Median >= SpendAnomalies.Least && a.Usd > SpendAnomalies.Times * a.Median && a.Usd - a.Median > SpendAnomalies.Far * 1.4826m * a.Deviation);
            Assert.InRange(a.Hour, Week.Since, now);
            Assert.InRange(a.Weeks, SpendAnomalies.LeastWeeks, SpendAnomalies.Weeks);
        });
        Assert.Equal(reading.Anomalies.OrderByDescending(a => a.Usd - a.Median), reading.Anomalies);
    });

    private static DateTimeOffset At(int day, int hour) => new(2026, 10, day, hour, 0, 0, TimeSpan.Zero);

    /// <summary>About as many US dollars as the hour of the day in Berlin, every day.</summary>
    private static Dictionary<(string, DateTimeOffset), decimal> Weekly(string agent, int weeks) => Enumerable.Range(0, weeks * 7 * 24).Select(h => Now.AddHours(-1 - h))
        .ToDictionary(h => (agent, h), h => TimeZoneInfo.ConvertTime(h, Berlin).Hour + (h.DayOfYear % 5 / 10m));
}
