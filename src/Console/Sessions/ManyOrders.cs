using Handrail.Access;
using Handrail.Shell.Display;

namespace Handrail.Sessions;

/// <summary>One order to many sessions, each a deed of its own: it can be followed, and left off in the middle.</summary>
public sealed class ManyOrders(Brake brake, Caller caller, ControlKind kind, string reason, IReadOnlyList<string> sessions)
{
    private const int MostNamed = 3;

    private static readonly TimeSpan Telling = TimeSpan.FromMilliseconds(250);

    private readonly List<string> _obeyed = [];
    private readonly List<string> _refused = [];
    private int _latched;
    private volatile bool _left;

    public int All => sessions.Count;

    public int Done => _obeyed.Count + _refused.Count;

    /// <summary>Those that were ordered to.</summary>
    public IReadOnlyCollection<string> Obeyed => _obeyed;

    /// <summary>Those that could not be, each with why.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    public string Said => $"Ordered for {Figures.Count(_obeyed.Count)} sessions"
        + (_latched > 0 ? $", {Figures.Count(_latched)} of them held by this console until the database takes them" : null)
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
                var result = await brake.SessionAsync(caller, id, kind, reason, null);
                _obeyed.Add(id);
                _latched += result.Latched is null ? 0 : 1;
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
