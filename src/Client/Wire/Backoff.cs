namespace Handrail.Client.Wire;

/// <summary>Full jitter: any moment from now up to a limit that doubles from 0.2 s to 10 s, so that a fleet does not come back all at once.</summary>
internal static class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <param name="attempt">How many attempts failed before this wait, less one: 0 for the first wait.</param>
    /// <param name="jitter">From 0 up to 1.</param>
    /// <param name="retryAfter">What the console asked for: never less than that is waited.</param>
    public static TimeSpan Delay(int attempt, double jitter, TimeSpan? retryAfter = null)
    {
        var limit = Math.Min(Longest.TotalSeconds, First.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30)));
        return (retryAfter ?? TimeSpan.Zero) + TimeSpan.FromSeconds(limit * Math.Clamp(jitter, 0, 1));
    }
}
