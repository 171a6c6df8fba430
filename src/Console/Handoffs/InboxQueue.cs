namespace Handrail.Handoffs;

/// <summary>
/// The queue as a person sees it: rows change in place and never move by themselves. What was decided stays where it was and says
/// so; what is new goes to the end when that is its place, and else waits until the person asks for it.
/// </summary>
public sealed class InboxQueue
{
    private readonly List<InboxRow> _rows = [];
    private readonly List<InboxRow> _held = [];

    public IReadOnlyList<InboxRow> Rows => _rows;

    /// <summary>New and more urgent than what is on the screen, the most urgent first.</summary>
    public IReadOnlyList<InboxRow> Held => _held;

    /// <summary>All that is open, shown or not.</summary>
    public int Open => _rows.Count(r => r.Open) + _held.Count;

    /// <summary>Takes in what was read.</summary>
    public void Take(InboxReading reading)
    {
        var now = reading.Rows.Concat(reading.Left).ToDictionary(r => r.Id);
        for (var i = 0; i < _rows.Count; i++)
        {
            _rows[i] = now.GetValueOrDefault(_rows[i].Id) ?? _rows[i];
        }

        _held.Clear();
        var shown = _rows.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var last = _rows.FindLast(r => r.Open);
        foreach (var row in reading.Rows.Where(r => !shown.Contains(r.Id)))
        {
            (last is null || Urgency.First.Compare(row, last) > 0 ? _rows : _held).Add(row);
        }
    }

    /// <summary>Puts everything in its place and drops what is decided: only when the person did something.</summary>
    public void Settle()
    {
        _rows.RemoveAll(r => !r.Open);
        _rows.AddRange(_held);
        _rows.Sort(Urgency.First);
        _held.Clear();
    }

    /// <summary>Begins anew, for another view of the queue.</summary>
    public void Clear()
    {
        _rows.Clear();
        _held.Clear();
    }

    public int IndexOf(string? id) => _rows.FindIndex(r => r.Id == id);

    /// <summary>The open row so many places away, or the last one in that direction.</summary>
    public InboxRow? Step(string? from, int by)
    {
        var at = IndexOf(from);
        var open = by > 0 ? _rows.Skip(at + 1) : _rows.Take(Math.Max(at, 0)).Reverse();
        return open.FirstOrDefault(r => r.Open);
    }

    /// <summary>Where to go on after a decision: the next open row, else the one before, else nowhere.</summary>
    public InboxRow? After(string id) => Step(id, 1) ?? Step(id, -1);
}
