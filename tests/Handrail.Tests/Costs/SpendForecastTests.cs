using CsCheck;
using Xunit;

namespace Handrail.Costs;

/// <summary>What a period will have cost at its end, if it goes on as it did.</summary>
public sealed class SpendForecastTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private static readonly Gen<(DateTimeOffset Now, int Days, int Seed)> AnyPast = Gen.Select(
        Gen.Int[0, 400 * 24 * 60], Gen.Int[0, 40], Gen.Int[0, 1_000_000], (minutes, days, seed) => (new DateTimeOffset(2025, 12, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes), days, seed));

    [Fact]
    public void It_is_what_was_spent_and_never_less_and_lies_within_its_bounds() => AnyPast.Sample(past =>
    {
        var (hours, since) = Hours(past.Now, past.Days, new Random(past.Seed));
        var end = CostDays.StartOf(SpendBudget.NextDay(SpendPeriod.Month, CostDays.Of(past.Now, Berlin)), Berlin);

        var forecast = SpendForecast.From(hours, since, past.Now, Berlin);

        Assert.Equal(CostDays.Of(past.Now, Berlin).DayNumber - CostDays.Of(since, Berlin).DayNumber > SpendForecast.LeastDays, forecast is not null);
        if (forecast is not null)
        {
            var reading = forecast.To(100, past.Now, end, 120);
            Assert.True(reading is { Low: >= 100 } && reading.Low <= reading.Usd && reading.Usd <= reading.High, $"{reading}");
            Assert.Equal(reading.Usd >= 120, reading.SpentAt is not null);
            Assert.True(reading.SpentAt is null || (reading.SpentAt >= HourlyCost.HourOf(past.Now) && reading.SpentAt < end));
            Assert.Equal(100, forecast.To(100, end, end, 120).Usd);
            Assert.InRange(reading.Days, SpendForecast.LeastDays, SpendForecast.MostDays);
        }
    });

    [Fact]
    public void Twice_the_spending_is_twice_the_rest() => AnyPast.Where(p => p.Days > 5).Sample(past =>
    {
        var (hours, since) = Hours(past.Now, past.Days, new Random(past.Seed));
        var end = past.Now.AddDays(9);
        var once = SpendForecast.From(hours, since, past.Now, Berlin)!.To(0, past.Now, end, 1);
        var twice = SpendForecast.From(hours.ToDictionary(h => h.Key, h => h.Value * 2), since, past.Now, Berlin)!.To(0, past.Now, end, 1);

        Assert.Equal(once.Usd * 2, twice.Usd, 9);
        Assert.Equal(once.High * 2, twice.High, 9);
    });

    [Theory]
    [InlineData(20)]
    [InlineData(5)]
    public void What_costs_the_same_every_hour_goes_on_so_to_the_minute(int days)
    {
        var now = new DateTimeOffset(2026, 11, 20, 12, 30, 0, TimeSpan.Zero);
        var hours = Enumerable.Range(0, days * 24).ToDictionary(h => HourlyCost.HourOf(now).AddHours(-h), _ => 2m);

        var reading = SpendForecast.From(hours, hours.Keys.Min(), now, TimeZoneInfo.Utc)!.To(10, now, now.AddHours(10), 1_000);

        Assert.Equal((30m, 30m, 30m, (DateTimeOffset?)null), (reading.Usd, reading.Low, reading.High, reading.SpentAt));
    }

    [Fact]
    public void With_two_weeks_to_go_by_a_weekend_is_told_from_a_working_day()
    {
        // A Friday evening, after four weeks of 24 USD on each working day and nothing at weekends.
        var friday = new DateTimeOffset(2026, 11, 20, 23, 0, 0, TimeSpan.Zero);
        var hours = Enumerable.Range(0, 29 * 24).Select(h => friday.AddHours(-h)).Where(h => h.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).ToDictionary(h => h, _ => 1m);
        var forecast = SpendForecast.From(hours, friday.AddDays(-29), friday, TimeZoneInfo.Utc)!;

        var weekend = forecast.To(0, friday, friday.AddHours(1 + 48), 100);
        var week = forecast.To(0, friday, friday.AddHours(1 + (7 * 24)), 100);

        Assert.Equal((1m, true), (weekend.Usd, weekend.ByWeekday));
        Assert.Equal(121m, week.Usd);
        Assert.Equal(DayOfWeek.Friday, week.SpentAt!.Value.DayOfWeek);
    }

    [Fact]
    public void A_day_that_is_not_over_and_one_that_began_late_say_nothing()
    {
        var now = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

        Assert.Null(SpendForecast.From(new Dictionary<DateTimeOffset, decimal> { [now.AddDays(-3)] = 5 }, now.AddDays(-3), now, TimeZoneInfo.Utc));
        Assert.Equal(3, SpendForecast.From(new Dictionary<DateTimeOffset, decimal> { [now.AddDays(-4)] = 5, [now] = 1_000 }, now.AddDays(-4), now, TimeZoneInfo.Utc)!.To(0, now, now.AddDays(1), 1).Days);
        Assert.Equal(0, SpendForecast.From(new Dictionary<DateTimeOffset, decimal> { [now.AddDays(-4)] = 5, [now] = 1_000 }, now.AddDays(-4), now, TimeZoneInfo.Utc)!.To(0, now, now.AddDays(1), 1).Usd);
    }

    private static (Dictionary<DateTimeOffset, decimal> Hours, DateTimeOffset Since) Hours(DateTimeOffset now, int days, Random random)
    {
        var hours = Enumerable.Range(0, (days * 24) + 1).Select(h => HourlyCost.HourOf(now).AddHours(-h)).Where(_ => random.Next(4) > 0).Append(HourlyCost.HourOf(now)).Distinct()
            .ToDictionary(h => h, _ => random.Next(0, 300) / 100m);
        return (hours, hours.Keys.Min());
    }
}
