using Microsoft.Extensions.Logging;

namespace Handrail.Client.Control;

/// <summary>
/// Whether a session may go on. A stop latches: nothing takes it back. A pause seen anywhere holds at once; only the session's own
/// control channel lets it go on, because a late answer to an older call may still say "running".
/// </summary>
#pragma warning disable CA1001 // The token outlives the session: an agent may still look at it. Without a timer there is nothing to give back.
internal sealed class ControlState(ILogger logger)
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private TaskCompletionSource _running = Completed();
    private bool _paused;
    private bool _takenOver;

    public CancellationToken Stopped => _stopped.Token;

    public bool IsStopped => _stopped.IsCancellationRequested;

    public bool IsPaused
    {
        get
        {
            lock (_lock)
            {
                return _paused || _takenOver;
            }
        }
    }

    public bool IsTakenOver
    {
        get
        {
            lock (_lock)
            {
                return _takenOver;
            }
        }
    }

    public string? StopReason { get; private set; }

    /// <summary>What any answer says about the session. It can only tighten.</summary>
    /// <returns>Whether the session is held since this word: an old answer may have said it, so the control channel is to look.</returns>
    public bool Tighten(string? control)
    {
        switch (control)
        {
            case "stopped":
                Stop(null);
                return false;
            case "paused":
                return Set(paused: true, takenOver: null);
            case "taken_over":
                return Set(paused: null, takenOver: true);
            default:
                return false;
        }
    }

    /// <summary>What the session's control channel says: the state as committed. A word that is not known changes nothing.</summary>
    public void Follow(string? state)
    {
        switch (state)
        {
            case "stopping" or "stopped":
                Stop(null);
                break;
            case "paused":
                Set(paused: true, takenOver: false);
                break;
            case "taken_over":
                Set(paused: false, takenOver: true);
                break;
            case "running" or "waiting" or "lost":
                Set(paused: false, takenOver: false);
                break;
        }
    }

    public void Stop(string? reason)
    {
        lock (_lock)
        {
            StopReason ??= reason;
        }

        // The token is cancelled when this returns; what was registered on it runs elsewhere and cannot hold up the stop.
        _ = _stopped.CancelAsync().ContinueWith(
            done => logger.LogWarning(done.Exception, "What was registered on the stop of a session failed"),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    public async Task WaitUntilRunningAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task running;
            lock (_lock)
            {
                running = _running.Task;
            }

            if (running.IsCompleted)
            {
                return;
            }

            await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Whether anything changed.</returns>
    private bool Set(bool? paused, bool? takenOver)
    {
        lock (_lock)
        {
            var before = (_paused, _takenOver);
            _paused = paused ?? _paused;
            _takenOver = takenOver ?? _takenOver;
            if (!_paused && !_takenOver)
            {
                _running.TrySetResult();
            }
            else if (_running.Task.IsCompleted)
            {
                _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return before != (_paused, _takenOver);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
