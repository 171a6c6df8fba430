namespace Handrail.Notify;

/// <summary>How long to wait after a failure: soon at first, for whoever was only restarted; in the end every four hours.</summary>
public static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostForMessage = TimeSpan.FromHours(4);
    private static readonly TimeSpan MostForChannel = TimeSpan.FromMinutes(5);

    /// <summary>Of one delivery: 5 s, 15 s, 45 s and so on, each up to a tenth longer so that what failed together does not come again together.</summary>
    /// <param name="attempts">Attempts so far, at least 1.</param>
    /// <param name="spread">From 0 to 1.</param>
    public static TimeSpan OfDelivery(int attempts, double spread) => Grown(3, attempts, MostForMessage) * (1 + (spread / 10));

    /// <summary>Of a channel whose other end failed: 5 s, 10 s, 20 s up to 5 minutes, after which one delivery is tried.</summary>
    /// <param name="failures">Failures in a row, at least 1.</param>
    public static TimeSpan OfChannel(int failures) => Grown(2, failures, MostForChannel);

    private static TimeSpan Grown(double factor, int times, TimeSpan most)
    {
        var seconds = First.TotalSeconds * Math.Pow(factor, Math.Max(0, times - 1));
        return seconds < most.TotalSeconds ? TimeSpan.FromSeconds(seconds) : most;
    }
}
