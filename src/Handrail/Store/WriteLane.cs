namespace Handrail.Store;

/// <summary>
/// SQLite has one writer: this is its queue, control first. A gate decision or a stop waits for at most the one telemetry
/// batch that is being written.
/// </summary>
public sealed class WriteLane
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _control = new();
    private readonly LinkedList<TaskCompletionSource> _telemetry = new();
    private bool _taken;
    private long _controlTurns;

    /// <summary>How often anything but telemetry has come to write.</summary>
    public long ControlTurns => Interlocked.Read(ref _controlTurns);

    /// <summary>Waits for its turn; dispose what is returned to let the next one in.</summary>
    public async ValueTask<Turn> EnterAsync(bool telemetry, CancellationToken cancel)
    {
        LinkedListNode<TaskCompletionSource> node;
        var queue = telemetry ? _telemetry : _control;
        if (!telemetry)
        {
            Interlocked.Increment(ref _controlTurns);
        }

        lock (_lock)
        {
            if (!_taken)
            {
                _taken = true;
                return new Turn(this);
            }

            node = queue.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        using (cancel.UnsafeRegister(_ => Abandon(queue, node), null))
        {
            await node.Value.Task;
        }

        return new Turn(this);
    }

    private void Abandon(LinkedList<TaskCompletionSource> queue, LinkedListNode<TaskCompletionSource> node)
    {
        lock (_lock)
        {
            if (node.List is null)
            {
                return;
            }

            queue.Remove(node);
        }

        node.Value.TrySetCanceled();
    }

    private void Leave()
    {
        TaskCompletionSource next;
        lock (_lock)
        {
            var queue = _control.First is not null ? _control : _telemetry;
            if (queue.First is null)
            {
                _taken = false;
                return;
            }

            next = queue.First.Value;
            queue.RemoveFirst();
        }

        next.SetResult();
    }

    public readonly struct Turn(WriteLane lane) : IDisposable
    {
        public void Dispose() => lane.Leave();
    }
}
