using Handrail.Access;
using Handrail.Live;

namespace Handrail.Sessions;

/// <summary>
/// The fleet as all pages of the process see it, read once for all who look. Under load it is read as often as costs a quarter of one processor at most, and everybody
/// gets a reading that began after they asked.
/// </summary>
public sealed class FleetBoard(FleetQueries fleet, HiddenAgents hiddenAgents, Hints hints, TimeProvider time) : IDisposable
{
    /// <summary>So many times as long as a reading takes nobody reads again.</summary>
    private const int Rest = 3;

    /// <summary>Days begin at a different moment in every time zone, and some may not see every agent: no more views than there are zones are remembered.</summary>
    private const int MostViews = 40;

    /// <summary>Hints may be lost, and what is shown depends on the hour.</summary>
    private static readonly TimeSpan OwnLook = TimeSpan.FromSeconds(4);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<(DateTimeOffset Day, IReadOnlySet<string> Hidden), Reading> _readings = [];
    private Hints.Listener? _listener;
    private long _begun;
    private long _changes;
    private long _restsUntil = long.MinValue;

    /// <param name="dayStart">When the day of the person who looks began.</param>
    /// <exception cref="Refusal">No right to look.</exception>
    public async Task<FleetReading> ReadAsync(Caller caller, DateTimeOffset dayStart, CancellationToken cancel)
    {
        caller.DemandSomewhere(Permission.View);
        var view = (dayStart, await hiddenAgents.OfAsync(caller, cancel));
        var asked = Interlocked.Read(ref _begun);
        await _turn.WaitAsync(cancel);
        try
        {
            // Listening starts before the first reading, so that nothing falls between the two.
            _listener ??= hints.ListenToAll(HintKind.Session, HintKind.Handoff, HintKind.Control, HintKind.Agent, HintKind.Policy, HintKind.Notice);
            if (_readings.TryGetValue(view, out var known) && (known.Number > asked || IsCurrent(known)))
            {
                return known.Fleet;
            }

            await RestAsync(cancel);
            return (_readings[view] = await ReadAnewAsync(caller, dayStart, cancel)).Fleet;
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool IsCurrent(Reading reading)
    {
        Hear();
        return reading.Changes == _changes && time.GetUtcNow() - reading.Fleet.At is var age && age >= TimeSpan.Zero && age < OwnLook;
    }

    private void Hear() => _changes += _listener!.Heard().Count > 0 ? 1 : 0;

    private async Task RestAsync(CancellationToken cancel)
    {
        if (_restsUntil > long.MinValue && time.GetElapsedTime(time.GetTimestamp(), _restsUntil) is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left, time, cancel);
        }
    }

    private async Task<Reading> ReadAnewAsync(Caller caller, DateTimeOffset dayStart, CancellationToken cancel)
    {
        var number = Interlocked.Increment(ref _begun);
        Hear();
        var (changes, start) = (_changes, time.GetTimestamp());

        // SQLite answers on the thread that asks, which must not be the one that the page's clicks wait for.
        var reading = await Task.Run(() => fleet.ReadAsync(caller, dayStart, cancel), cancel);
        var end = time.GetTimestamp();
        _restsUntil = end + (Rest * (end - start));
        if (_readings.Count >= MostViews)
        {
            _readings.Clear();
        }

        return new Reading(number, changes, reading);
    }

    public void Dispose()
    {
        _listener?.Dispose();
        _turn.Dispose();
    }

    private sealed record Reading(long Number, long Changes, FleetReading Fleet);
}
