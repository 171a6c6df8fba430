namespace Handrail.Live;

/// <summary>The long-poll: read, and while it is not yet what the caller waits for, wait for a hint and read again.</summary>
public static class Waiting
{
    /// <summary>The longest a call may hold, in seconds; longer waits are cut to it.</summary>
    public const int LongestSeconds = 60;

    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(LongestSeconds);

    /// <summary>Hints may be lost: whoever waits looks by itself this often.</summary>
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(2);

    /// <summary>The first reading that is done, or the last one when the time is over or the process is about to end.</summary>
    public static async Task<T> UntilAsync<T>(
        Hints hints, TimeProvider time, IEnumerable<Hint> about, TimeSpan wait, Func<Task<T>> read, Func<T, bool> done, CancellationToken cancel)
    {
        var deadline = time.GetUtcNow() + (wait > Longest ? Longest : wait);
        using var listener = hints.Listen([.. about]);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, hints.Ending);
        while (true)
        {
            var state = await read();
            var left = deadline - time.GetUtcNow();
            if (done(state) || left <= TimeSpan.Zero || hints.Ending.IsCancellationRequested)
            {
                return state;
            }

            hints.Polls(1);
            try
            {
                await listener.NextAsync(left < OwnLook ? left : OwnLook, time, either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // The process ends: look once more, and answer.
            }
            finally
            {
                hints.Polls(-1);
            }
        }
    }
}
