using Handrail.Client.Wire;
using Xunit;

namespace Handrail.Client.Tests;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(1, 0.4)]
    [InlineData(5, 6.4)]
    [InlineData(6, 10)]
    [InlineData(1000, 10)]
    public void Delay_FullJitter_DoublesUpToTenSeconds(int attempt, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Backoff.Delay(attempt, 1));

    [Fact]
    public void Delay_AnyJitter_StaysBetweenNothingAndTheLimit()
    {
        for (var jitter = 0.0; jitter < 1; jitter += 0.01)
        {
            Assert.InRange(Backoff.Delay(3, jitter), TimeSpan.Zero, TimeSpan.FromSeconds(1.6));
        }
    }

    [Fact]
    public void Delay_RetryAfter_IsNeverUndercut() =>
        Assert.Equal(TimeSpan.FromSeconds(7.1), Backoff.Delay(0, 0.5, TimeSpan.FromSeconds(7)));
}
