using Handrail.Access;

namespace Handrail.Sessions;

/// <summary>One order to many sessions, each a deed of its own: it can be followed, and left off in the middle.</summary>
public sealed class ManyOrders(ControlSession control, Caller caller, ControlKind kind, string reason, IReadOnlyList<string> sessions) : IDisposable
{
    private const int MostNamed = 3;

    private static readonly TimeSpan Telling = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _leave = new();
    private readonly List<string> _obeyed = [];
    private readonly List<string> _refused = [];

    public int All => sessions.Count;

    public int Done => _obeyed.Count + _refused.Count;

    /// <summary>Those that were ordered to.</summary>
    public IReadOnlyCollection<string> Obeyed => _obeyed;

    /// <summary>Those that could not be, each with why.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    public string Said => Invariant($"Ordered for {_obeyed.Count:#,0} sessions")
        + (Done < All ? Invariant($", left off before {All - Done:#,0}") : null)
        + (_refused.Count > 0 ? Invariant($"; not for {_refused.Count:#,0}: {string.Join("; ", _refused.Take(MostNamed))}") : ".");

    /// <summary>What was ordered stays so; the rest is left alone.</summary>
    public void Cancel() => _leave.Cancel();

    /// <param name="told">Called now and then while it goes on.</param>
    public async Task RunAsync(TimeProvider time, Func<Task> told)
    {
        var last = time.GetTimestamp();
        foreach (var id in sessions)
        {
            if (_leave.IsCancellationRequested)
            {
                return;
            }

            try
            {
                // SQLite writes on the thread that asks, which must not be the one that the page's clicks wait for.
                await Task.Run(() => control.HandleAsync(caller, id, kind, reason, null, null, CancellationToken.None));
                _obeyed.Add(id);
            }
            catch (Refusal refusal)
            {
                _refused.Add($"{id}: {refusal.Message}");
            }

            if (time.GetElapsedTime(last) >= Telling)
            {
                last = time.GetTimestamp();
                await told();
            }
        }
    }

    public void Dispose() => _leave.Dispose();

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
