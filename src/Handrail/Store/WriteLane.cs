namespace Handrail.Store;

/// <summary>
/// SQLite has one writer: this is its queue, control first. A gate decision or a stop waits for at most the one telemetry
/// batch that is being written. Where control comes without end, as from agents that ask as fast as they are answered, telemetry has one turn in
/// so many all the same: else none of it would ever be written, and breakers would learn of nothing.
/// </summary>
public sealed class WriteLane
{
    /// <summary>Turns of control in a row while telemetry waits.</summary>
    private const int MostInRow = 8;

    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _control = new();
    private readonly LinkedList<TaskCompletionSource> _telemetry = new();
    private bool _taken;
    private int _inRow;
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
            var queue = _control.First is not null && (_telemetry.First is null || _inRow < MostInRow) ? _control : _telemetry;
            if (queue.First is null)
            {
                _taken = false;
                return;
            }

            _inRow = queue == _control && _telemetry.First is not null ? _inRow + 1 : 0;

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
