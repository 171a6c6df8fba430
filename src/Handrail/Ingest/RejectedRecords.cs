using Handrail.Access;
using Handrail.Health;

namespace Handrail.Ingest;

/// <summary>What was not taken in, of one sender and for one reason, since this process started.</summary>
/// <param name="Team">Null where no valid key was sent.</param>
/// <param name="Sender">The name of the key.</param>
/// <param name="Records">Records that were left out of requests which were taken.</param>
/// <param name="Requests">Requests of which nothing was taken.</param>
public sealed record RejectedReading(string? Team, string? Sender, string Reason, long Records, long Requests, DateTimeOffset LastAt);

/// <summary>
/// Counts what telemetry this process did not take in, by sender and reason. Senders are told themselves; this is for whoever wonders here. Reasons are
/// the console's own words, and a sender is a key of its own: there are few of both, and what is over the bound is counted together.
/// </summary>
public sealed class RejectedRecords(TimeProvider time)
{
    /// <summary>Lines kept apart.</summary>
    public const int Most = 200;

    private const string Others = "other senders and reasons";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string? Team, string? Sender, string Reason), RejectedReading> _lines = [];

    /// <summary>Records of a request that was taken were left out.</summary>
    public void Records(Caller caller, string? reason, long count)
    {
        if (count > 0)
        {
            var why = reason ?? "not said";
            ConsoleMeter.IngestRejected.Add(count, new KeyValuePair<string, object?>(ConsoleMeter.Reason, why));
            Note(caller, why, count, 0);
        }
    }

    /// <summary>A request was refused whole.</summary>
    /// <param name="caller">Null where no valid key was sent.</param>
    public void Request(Caller? caller, string reason)
    {
        ConsoleMeter.IngestRefused.Add(1, new KeyValuePair<string, object?>(ConsoleMeter.Reason, reason));
        Note(caller, reason, 0, 1);
    }

    /// <summary>The most recent first.</summary>
    public IReadOnlyList<RejectedReading> List()
    {
        lock (_lock)
        {
            return [.. _lines.Values.OrderByDescending(l => l.LastAt)];
        }
    }

    private void Note(Caller? caller, string reason, long records, long requests)
    {
        var key = (caller?.Team, caller?.Name, reason);
        lock (_lock)
        {
            if (!_lines.ContainsKey(key) && _lines.Count >= Most)
            {
                key = (null, null, Others);
            }

            var line = _lines.GetValueOrDefault(key) ?? new RejectedReading(key.Item1, key.Item2, key.Item3, 0, 0, default);
            _lines[key] = line with { Records = line.Records + records, Requests = line.Requests + requests, LastAt = time.GetUtcNow() };
        }
    }
}
