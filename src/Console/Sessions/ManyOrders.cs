using Handrail.Access;
using Handrail.Shell.Display;

namespace Handrail.Sessions;

/// <summary>One order to many sessions, each a deed of its own: it can be followed, and left off in the middle.</summary>
public sealed class ManyOrders(ControlSession control, Caller caller, ControlKind kind, string reason, IReadOnlyList<string> sessions)
{
    private const int MostNamed = 3;

    private static readonly TimeSpan Telling = TimeSpan.FromMilliseconds(250);

    private readonly List<string> _obeyed = [];
    private readonly List<string> _refused = [];
    private volatile bool _left;

    public int All => sessions.Count;

    public int Done => _obeyed.Count + _refused.Count;

    /// <summary>Those that were ordered to.</summary>
    public IReadOnlyCollection<string> Obeyed => _obeyed;

    /// <summary>Those that could not be, each with why.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    public string Said => $"Ordered for {Figures.Count(_obeyed.Count)} sessions"
        + (Done < All ? $", left off before {Figures.Count(All - Done)}" : null)
        + (_refused.Count > 0 ? $"; not for {Figures.Count(_refused.Count)}: {string.Join("; ", _refused.Take(MostNamed))}" : ".");

    /// <summary>What was ordered stays so; the rest is left alone.</summary>
    public void Cancel() => _left = true;

    /// <param name="told">Called now and then while it goes on.</param>
    public async Task RunAsync(TimeProvider time, Func<Task> told)
    {
        var last = time.GetTimestamp();
        foreach (var id in sessions)
        {
            if (_left)
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
}
