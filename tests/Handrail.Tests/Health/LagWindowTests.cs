using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Handrail.Health;

/// <summary>How long things took of late.</summary>
public sealed class LagWindowTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(0.5, 500)]
    [InlineData(0.99, 990)]
    [InlineData(1, 1000)]
    public void A_percentile_is_right_to_a_fifth(double share, double milliseconds)
    {
        var window = new LagWindow(_time);
        foreach (var ms in Enumerable.Range(1, 1_000))
        {
            window.Note(TimeSpan.FromMilliseconds(ms), 1);
        }

        Assert.InRange(window.Percentile(share)!.Value.TotalMilliseconds, milliseconds, milliseconds * 1.2);
    }

    [Fact]
    public void Many_at_once_count_as_many()
    {
        var window = new LagWindow(_time);
        window.Note(TimeSpan.FromMilliseconds(4), 999);
        window.Note(TimeSpan.FromSeconds(20), 1);

        Assert.Equal(4, window.Percentile(0.99)!.Value.TotalMilliseconds);
        Assert.InRange(window.Percentile(1)!.Value.TotalSeconds, 20, 24);
    }

    [Fact]
    public void What_is_longer_ago_than_five_minutes_is_forgotten()
    {
        var window = new LagWindow(_time);
        Assert.Null(window.Percentile(0.99));
        window.Note(TimeSpan.FromSeconds(1), 1);

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotNull(window.Percentile(0.99));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(window.Percentile(0.99));

        window.Note(TimeSpan.Zero, 1);
        Assert.Equal(1, window.Percentile(1)!.Value.TotalMilliseconds);
    }
}
