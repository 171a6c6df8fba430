using Handrail.Access;

namespace Handrail.Actions;

/// <summary>
/// Questions that wait for the gate, in the order they came, but not behind the flood of one key: each key has an equal part of the next batch, and what others
/// leave of theirs. Not for use by several threads at once.
/// </summary>
/// <param name="most">Questions that may wait; more are told to come again.</param>
internal sealed class GateQueue(int most)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly List<GateCall> _waiting = [];
    private readonly Dictionary<string, int> _ofKey = new(StringComparer.Ordinal);

    /// <exception cref="Refusal">Too much waits, of all or of this key.</exception>
    public void Add(GateCall call)
    {
        if (_waiting.Count >= most)
        {
            throw new Refusal(RefusalKind.Busy, "More is asked than can be decided; nothing of this request was kept.") { RetryAfter = Retry };
        }

        var ofKey = _ofKey.GetValueOrDefault(call.Caller.Id) + 1;
        if (Share.IsOver(ofKey, _waiting.Count + 1, most))
        {
            throw new Refusal(RefusalKind.TooMany, "This key asks more than its share of what can be decided; nothing of this request was kept.") { RetryAfter = Retry };
        }

        _ofKey[call.Caller.Id] = ofKey;
        _waiting.Add(call);
    }

    /// <summary>Puts one that was taken before all others again.</summary>
    public void PutBack(GateCall call)
    {
        _ofKey[call.Caller.Id] = _ofKey.GetValueOrDefault(call.Caller.Id) + 1;
        _waiting.Insert(0, call);
    }

    /// <summary>Takes out who is decided on next: of each session one, so that what is decided on it is seen by the one after.</summary>
    public List<GateCall> Take(int together)
    {
        var sessions = new HashSet<string>(StringComparer.Ordinal);
        var next = new List<GateCall>();
        if (_ofKey.Count > 1)
        {
            Take(next, sessions, together, Math.Max(1, together / _ofKey.Count));
        }

        Take(next, sessions, together, together);
        return next;
    }

    private void Take(List<GateCall> next, HashSet<string> sessions, int together, int each)
    {
        var taken = each < together ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        var left = 0;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var call = _waiting[i];
            var key = call.Caller.Id;
            var ofKey = taken?.GetValueOrDefault(key) ?? 0;
            if (next.Count >= together || ofKey >= each || !sessions.Add(call.SessionId))
            {
                _waiting[left++] = call;
                continue;
            }

            next.Add(call);
            if (taken is not null)
            {
                taken[key] = ofKey + 1;
            }

            if (--_ofKey[key] == 0)
            {
                _ofKey.Remove(key);
            }
        }

        _waiting.RemoveRange(left, _waiting.Count - left);
    }
}
