namespace Handrail.Handoffs;

/// <summary>
/// The queue as a person sees it: rows change in place and never move by themselves. What was decided stays where it was and says
/// so; what is new goes to the end when that is its place, and else waits until the person asks for it.
/// </summary>
public sealed class InboxQueue
{
    /// <summary>For comparing thousands of ids without a set of them for each person who looks.</summary>
    [ThreadStatic]
    private static HashSet<string>? _scratch;

    private readonly List<InboxRow> _rows = [];
    private readonly List<InboxRow> _held = [];
    private readonly HashSet<string> _sending = new(StringComparer.Ordinal);
    private IReadOnlyList<InboxRow> _wanted = [];

    /// <summary>The rows themselves, for a list that draws only those in sight: nobody else is to change them.</summary>
    public ICollection<InboxRow> Rows => _rows;

    /// <summary>New and more urgent than what is on the screen, the most urgent first.</summary>
    public IReadOnlyList<InboxRow> Held => _held;

    /// <summary>Decided by this person a moment ago, and not sent yet.</summary>
    public ISet<string> Sending => _sending;

    /// <summary>All that is open and wanted, shown or not.</summary>
    public int Open => _wanted.Count;

    /// <summary>Takes in what was read.</summary>
    public void Take(InboxReading reading)
    {
        var left = reading.Left.ToDictionary(r => r.Id, StringComparer.Ordinal);
        for (var i = 0; i < _rows.Count; i++)
        {
            var id = _rows[i].Id;
            _rows[i] = reading.Queue.ById.GetValueOrDefault(id) ?? left.GetValueOrDefault(id) ?? _rows[i];
        }

        _wanted = reading.Rows;
        _held.Clear();
        var shown = _scratch ??= new HashSet<string>(StringComparer.Ordinal);
        shown.Clear();
        shown.UnionWith(_rows.Select(r => r.Id));
        var last = _rows.FindLast(r => r.Open);
        foreach (var row in reading.Rows.Where(r => !shown.Contains(r.Id)))
        {
            (last is null || Urgency.First.Compare(row, last) > 0 ? _rows : _held).Add(row);
        }

        shown.Clear();
    }

    /// <summary>Puts everything in its place and drops what is decided or not wanted here any more: only when the person did something.</summary>
    public void Settle()
    {
        _rows.Clear();
        _rows.AddRange(_wanted);
        _held.Clear();
    }

    /// <summary>Begins anew, for another view of the queue.</summary>
    public void Clear()
    {
        _rows.Clear();
        _held.Clear();
        _wanted = [];
    }

    public int IndexOf(string? id) => _rows.FindIndex(r => r.Id == id);

    /// <summary>The first that is to be decided.</summary>
    public InboxRow? First => _rows.Find(Free);

    /// <summary>The next row to be decided in that direction, or null.</summary>
    public InboxRow? Step(string? from, int by)
    {
        var place = IndexOf(from);
        for (var at = place < 0 && by < 0 ? -1 : place + by; at >= 0 && at < _rows.Count; at += by)
        {
            if (Free(_rows[at]))
            {
                return _rows[at];
            }
        }

        return null;
    }

    /// <summary>Where to go on after a decision: the next open row, else the one before, else nowhere.</summary>
    public InboxRow? After(string id) => Step(id, 1) ?? Step(id, -1);

    private bool Free(InboxRow row) => row.Open && !_sending.Contains(row.Id);
}
