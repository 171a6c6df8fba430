using Handrail.Client.Wire;

namespace Handrail.Client.Control;

/// <summary>Since when something was said of which no answer about the policy knows. Safe for use by several threads.</summary>
internal sealed class Doubts(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private Moment? _since;
    private string? _told;

    public bool Stand
    {
        get
        {
            lock (_lock)
            {
                return _since is not null;
            }
        }
    }

    public void Raise()
    {
        lock (_lock)
        {
            _since = Moment.Now(clock);
        }
    }

    /// <summary>True for a version that was not told before: what speaks of another agent's policy does not make this one doubtful for good.</summary>
    public bool IsNew(string version)
    {
        lock (_lock)
        {
            var isNew = _told != version;
            _told = version;
            return isNew;
        }
    }

    /// <summary>Whether an answer settles them: to a call that was sent before it says nothing of what was ordered since, however long it was held.</summary>
    public bool Settles(Moment sent)
    {
        lock (_lock)
        {
            var settles = _since is not { } since || sent.Age(clock) < since.Age(clock);
            _since = settles ? null : _since;
            return settles;
        }
    }
}
