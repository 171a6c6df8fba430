using Handrail.Shell.Display;
using Xunit;

namespace Handrail.Pages;

public sealed class FiguresTests
{
    [Theory]
    [InlineData("1240.5", "USD", "1,240.50 USD")]
    [InlineData("1000", "EUR", "1,000.00 EUR")]
    [InlineData("-3", "USD", "-3.00 USD")]
    [InlineData("1500", "JPY", "1,500 JPY")]
    [InlineData("1.5", "KWD", "1.500 KWD")]
    [InlineData("0.004", "USD", "0.004 USD")]
    [InlineData("5.100", "USD", "5.10 USD")]
    [InlineData("12", null, "12.00 (no currency)")]
    public void Money_Amount_HasItsCurrencyAndNeverLosesAFraction(string amount, string? currency, string shown) =>
        Assert.Equal(shown, Figures.Money(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), currency));

    [Fact]
    public void Money_Nothing_IsNotZero() => Assert.Equal("–", Figures.Money(null, "USD"));

    [Theory]
    [InlineData(0, "0.0000 USD")]
    [InlineData(12_345_678, "0.0123 USD")]
    [InlineData(49_999, "< 0.0001 USD")]
    [InlineData(50_001, "0.0001 USD")]
    [InlineData(1_234_567_890_123, "1,234.5679 USD")]
    public void Cost_Billionths_AreDollars(long nanos, string shown) => Assert.Equal(shown, Figures.Cost(nanos));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1_000, "1.0k")]
    [InlineData(12_345, "12k")]
    [InlineData(999_500, "1.0M")]
    [InlineData(7_654_321, "7.7M")]
    public void Short_Count_KeepsItsSize(long count, string shown) => Assert.Equal(shown, Figures.Short(count));

    [Theory]
    [InlineData(0.85, "850 ms")]
    [InlineData(2.46, "2.4 s")]
    [InlineData(59.9, "59 s")]
    [InlineData(185, "3 min 5 s")]
    [InlineData(7_800, "2 h 10 min")]
    [InlineData(356_400, "4 d 3 h")]
    [InlineData(-1, "0 ms")]
    public void Length_Seconds_AreItsTwoLargestUnits(double seconds, string shown) => Assert.Equal(shown, Figures.Length(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(-12, "12 s ago")]
    [InlineData(-125, "2 min ago")]
    [InlineData(200, "in 3 min")]
    [InlineData(-90_000, "1 d ago")]
    public void Relative_Moment_SaysHowFar(int seconds, string shown)
    {
        var now = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(shown, Figures.Relative(now.AddSeconds(seconds), now));
    }

    [Fact]
    public void Exact_Moment_IsInThePersonsOwnZone() => Assert.Equal(
        "2026-05-01 14:00:00 UTC+02:00",
        Figures.Exact(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero), TimeZoneInfo.FindSystemTimeZoneById("Europe/Vienna")));
}
