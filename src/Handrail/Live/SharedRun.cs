namespace Handrail.Live;

/// <summary>
/// Work that many want at once and that costs as much for one as for all of them. Those that come while it is under way share the next run, so that each sees what was committed
/// before it asked.
/// </summary>
/// <param name="run">Does it for all who wait, of whom there is at least one, in the order they came; never two runs at once.</param>
internal sealed class SharedRun<TAsked, TResult>(Func<IReadOnlyList<TAsked>, Task<TResult>> run)
{
    private readonly Lock _lock = new();
    private List<TAsked> _waiting = [];
    private Task _running = Task.CompletedTask;
    private TaskCompletionSource<TResult>? _next;

    /// <summary>Waits for a run that begins after this call. Whoever goes away before leaves what it asked with the others.</summary>
    /// <exception cref="Exception">The run failed: so it did for all who shared it.</exception>
    public Task<TResult> JoinAsync(TAsked asked, CancellationToken cancel)
    {
        lock (_lock)
        {
            _waiting.Add(asked);
            if (_next is null)
            {
                // A thousand may wait for it: each goes on by itself once it is there.
                _next = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                _running = RunAsync(_running, _next);
            }

            return _next.Task.WaitAsync(cancel);
        }
    }

    private async Task RunAsync(Task before, TaskCompletionSource<TResult> told)
    {
        // Whoever began this still holds the lock.
        await Task.Yield();
        await before;
        List<TAsked> asked;
        lock (_lock)
        {
            (asked, _waiting, _next) = (_waiting, [], null);
        }

        try
        {
            told.SetResult(await run(asked));
        }
        catch (Exception e)
        {
            // Theirs who asked: each is told.
            told.SetException(e);
        }
    }
}
