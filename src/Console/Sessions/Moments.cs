namespace Handrail.Sessions;

/// <summary>The moments at which a session changed: the notches of its scrubber, from the first to now.</summary>
public sealed class Moments
{
    private readonly List<DateTimeOffset> _notches;

    private Moments(List<DateTimeOffset> notches) => _notches = notches;

    public int Count => _notches.Count;

    /// <summary>All that the session has now, whatever moment the page shows.</summary>
    public static Moments Of(SessionScreen screen) => new(
    [
        .. screen.Steps.SelectMany(s => new[] { s.StartedAt, s.EndedAt })
            .Concat(screen.Decisions.Select(d => d.RequestedAt)).Concat(screen.Decisions.Select(d => d.DecidedAt).OfType<DateTimeOffset>())
            .Concat(screen.Commands.Select(c => c.At)).Concat(screen.Transcript.Select(l => l.At)).Concat(screen.OtherCosts.Select(c => c.At))
            .Distinct().Order(),
    ]);

    public DateTimeOffset this[int notch] => _notches[Math.Clamp(notch, 0, _notches.Count - 1)];

    /// <summary>The last notch that is not after the moment; the first where all are.</summary>
    public int At(DateTimeOffset moment)
    {
        var found = _notches.BinarySearch(moment);
        return Math.Max(0, found >= 0 ? found : ~found - 1);
    }
}
