using CsCheck;
using Xunit;

namespace Handrail.Costs;

/// <summary>Days of places: each hour lies in one of them, wherever and whenever a clock is put forward or back.</summary>
public sealed class SpendRangeTests
{
    private static readonly string[] Zones =
    [
        "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Auckland", "Africa/Cairo", "Asia/Beirut",
    ];

    private static readonly Gen<SpendRange> AnyRange = Gen.Select(
        Gen.OneOfConst(Zones), Gen.Int[0, 9_000], Gen.Int[1, 45], (zone, first, days) => new SpendRange(new DateOnly(2004, 1, 1).AddDays(first), new DateOnly(2004, 1, 1).AddDays(first + days - 1), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Fact]
    public void Every_hour_of_a_range_is_in_the_bucket_that_it_begins_in_and_no_other_is_in_any() => AnyRange.Sample(range =>
    {
        var buckets = range.Buckets();
        for (var hour = HourlyCost.HourOf(range.Since.AddDays(-2)); hour < range.Until.AddDays(2); hour = hour.AddHours(1))
        {
            var at = range.BucketOf(hour);
            Assert.Equal(hour >= range.Since && hour < range.Until, at >= 0);
            if (at >= 0)
            {
                Assert.True(buckets[at].Start <= hour && (at == buckets.Count - 1 || hour < buckets[at + 1].Start), $"{hour:O} is in the bucket of {buckets[at].Start:O}, {range}");
            }
        }
    });

    [Fact]
    public void Days_follow_one_another_without_a_gap() => AnyRange.Sample(range =>
    {
        var next = range with { First = range.Last.AddDays(1), Last = range.Last.AddDays(1) };

        Assert.Equal(range.Until, next.Since);
        Assert.Equal(range.First, CostDays.Of(range.Since, range.Zone));
        Assert.Equal(range.Last, CostDays.Of(range.Until.AddTicks(-1), range.Zone));
    });

    [Theory]
    [InlineData("2026-03-29", "Europe/Berlin", 23)]
    [InlineData("2026-10-25", "Europe/Berlin", 25)]
    [InlineData("2026-10-26", "Europe/Berlin", 24)]
    [InlineData("2017-10-15", "America/Sao_Paulo", 23)]
    public void A_day_has_the_hours_that_it_has_where_it_is(string day, string zone, int hours)
    {
        var date = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(hours, new SpendRange(date, date, TimeZoneInfo.FindSystemTimeZoneById(zone)).Buckets().Count);
    }

    [Fact]
    public void A_range_with_a_name_ends_today_where_the_fleet_is()
    {
        var now = new DateTimeOffset(2026, 11, 26, 23, 30, 0, TimeSpan.Zero);
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

        Assert.Equal((new DateOnly(2026, 11, 27), 1), (SpendRange.Of("today", null, null, now, berlin).First, SpendRange.Of("today", null, null, now, berlin).Days));
        Assert.Equal((new DateOnly(2026, 10, 29), new DateOnly(2026, 11, 27)), (SpendRange.Of(null, null, null, now, berlin).First, SpendRange.Of(null, "", null, now, berlin).Last));
        Assert.Equal(new SpendRange(new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 3), berlin), SpendRange.Of("90", "2026-11-01", "2026-11-03", now, berlin));
    }

    [Theory]
    [InlineData("month", null, null, "range")]
    [InlineData(null, "2026-11-31", null, "from")]
    [InlineData(null, "1.11.2026", null, "from")]
    [InlineData(null, "2026-11-03", "2026-11-02", "from")]
    [InlineData(null, "2020-01-01", "2026-11-02", "from")]
    [InlineData(null, "2026-11-01", "soon", "to")]
    [InlineData(null, "0001-01-01", "0001-01-02", "to")]
    public void What_is_wrong_with_a_range_is_named(string? word, string? from, string? to, string member)
    {
        var refused = Assert.Throws<Refusal>(() => SpendRange.Of(word, from, to, DateTimeOffset.UnixEpoch.AddYears(56), TimeZoneInfo.Utc));

        Assert.Equal([member], refused.Errors.Keys);
    }
}
