namespace Handrail.Client.Live;

/// <summary>Wakes the one who waits for news; rung while nobody waits, it wakes the next who does at once.</summary>
internal sealed class Bell
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Ring()
    {
        lock (_lock)
        {
            _rung.TrySetResult();
        }
    }

    /// <summary>Returns when it is rung, or the time is over.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        Task rung;
        lock (_lock)
        {
            rung = _rung.Task;
        }

        try
        {
            await rung.WaitAsync(atMost, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }

        lock (_lock)
        {
            if (_rung.Task.IsCompleted)
            {
                _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
