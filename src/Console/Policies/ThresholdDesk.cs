using Handrail.Access;

namespace Handrail.Policies;

/// <summary>Figures of the past that one person looks at while setting thresholds, each read once.</summary>
public sealed class ThresholdDesk(ThresholdQueries queries)
{
    private const int MostKept = 50;

    private readonly Dictionary<ThresholdSubject, ThresholdHistory?> _known = [];

    /// <summary>Null while they are not read yet.</summary>
    public ThresholdHistory? Of(ThresholdSubject subject) => _known.GetValueOrDefault(subject);

    /// <summary>Reads what is not known and not being read.</summary>
    /// <returns>Whether there is something new to show.</returns>
    public async Task<bool> ReadAsync(Caller caller, ThresholdSubject subject, CancellationToken cancel)
    {
        if (_known.ContainsKey(subject))
        {
            return false;
        }

        if (_known.Count >= MostKept)
        {
            _known.Clear();
        }

        _known[subject] = null;
        try
        {
            _known[subject] = await queries.ReadAsync(caller, subject, cancel);
            return true;
        }
        catch
        {
            _known.Remove(subject);
            throw;
        }
    }
}
