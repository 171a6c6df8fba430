namespace Handrail.Sessions;

/// <summary>
/// The lines of the Sessions page, which never move under a person's hand: while somebody points at them or reads further down,
/// figures change in place and new sessions are only counted.
/// </summary>
public sealed class SettledLines
{
    private HashSet<string> _shown = [];

    public IReadOnlyList<SessionLine> Lines { get; private set; } = [];

    /// <summary>Sessions of the view that are not among the lines yet.</summary>
    public int Waiting { get; private set; }

    /// <summary>Shown, but no longer in the view: their state has to be read by itself.</summary>
    public IReadOnlyList<string> Left(SessionLines read) => [.. _shown.Except(read.Lines.Select(l => l.Id))];

    /// <summary>Takes the reading in its own order.</summary>
    public void Settle(SessionLines read)
    {
        Lines = read.Lines;
        _shown = [.. read.Lines.Select(l => l.Id)];
        Waiting = 0;
    }

    /// <summary>Keeps every line where it is and brings it up to date.</summary>
    /// <param name="left">What <see cref="Left"/> named, as it now is.</param>
    public void Hold(SessionLines read, IEnumerable<SessionLine> left)
    {
        var fresh = read.Lines.Concat(left).ToDictionary(l => l.Id);
        Lines = [.. Lines.Where(l => fresh.ContainsKey(l.Id)).Select(l => fresh[l.Id])];
        Waiting = read.Lines.Count(l => !_shown.Contains(l.Id));
    }
}
