namespace Handrail.Simulator.Playing;

/// <summary>
/// Counts who is at work. A session that waits for a person takes no place among those that move, or a fleet that nobody attends to
/// would stand still; how many may wait is bounded too.
/// </summary>
internal sealed class Occupancy(int atOnce)
{
    private const int WaitingAtMost = 10;
    private const int WaitingAtMostPerAgent = 3;

    // An agent whose every action goes to a person gets no more work when so many wait; the others go on.
    private const int WaitingUntilStuck = 6;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _waiting = [];
    private int _moving;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool PeopleAreBusy(string agent)
    {
        lock (_lock)
        {
            return _waiting.Values.Sum() >= WaitingAtMost || _waiting.GetValueOrDefault(agent) >= WaitingAtMostPerAgent;
        }
    }

    public bool IsStuck(string agent)
    {
        lock (_lock)
        {
            return _waiting.GetValueOrDefault(agent) >= WaitingUntilStuck;
        }
    }

    public async Task RoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_moving < atOnce)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    public Seat Take(string agent)
    {
        Change(() => _moving++);
        return new Seat(this, agent);
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    /// <summary>One session's place.</summary>
    internal sealed class Seat(Occupancy occupancy, string agent) : IDisposable
    {
        private bool _waits;

        public void WaitsForPerson(bool waits)
        {
            if (waits == _waits)
            {
                return;
            }

            _waits = waits;
            occupancy.Change(() =>
            {
                occupancy._moving += waits ? -1 : 1;
                occupancy._waiting[agent] = occupancy._waiting.GetValueOrDefault(agent) + (waits ? 1 : -1);
            });
        }

        public void Dispose()
        {
            WaitsForPerson(false);
            occupancy.Change(() => occupancy._moving--);
        }
    }
}
