using Handrail.Access;

namespace Handrail.Ingest;

/// <summary>One caller that waits until all of its steps are committed.</summary>
internal sealed class IncomingRequest(Caller caller)
{
    /// <summary>Reasons told to a sender at most: they come from hostile input.</summary>
    private const int MostReasons = 5;

    private readonly TaskCompletionSource<IngestReceipt> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RequestOutcome _outcome = new();
    private int _partsLeft;

    public Caller Caller { get; } = caller;

    public Task<IngestReceipt> Done => _done.Task;

    /// <summary>Divides the steps into parts of at most so many, each a transaction's share.</summary>
    public IReadOnlyList<IncomingPart> Divide(IncomingStep[] steps, int most)
    {
        var parts = new List<IncomingPart>();
        for (var start = 0; start < steps.Length; start += most)
        {
            parts.Add(new IncomingPart(this, new ArraySegment<IncomingStep>(steps, start, Math.Min(most, steps.Length - start))));
        }

        _partsLeft = parts.Count;
        return parts;
    }

    /// <summary>Steps that were refused before they came to the writer.</summary>
    public void Reject(string reason) => _outcome.Reject(reason);

    /// <summary>A part, or a piece of one, is committed.</summary>
    public void Add(RequestOutcome outcome) => _outcome.Add(outcome);

    /// <summary>A part is over; when it was the last, the caller is told.</summary>
    public void PartDone()
    {
        if (Interlocked.Decrement(ref _partsLeft) <= 0)
        {
            _done.TrySetResult(new IngestReceipt
            {
                Accepted = _outcome.Accepted,
                Duplicates = _outcome.Duplicates,
                Rejected = _outcome.Rejected,
                RejectionReason = _outcome.Reasons.Count == 0 ? null : string.Join("; ", _outcome.Reasons.Order(StringComparer.Ordinal).Take(MostReasons)),
                Sessions = _outcome.Sessions,
                Agents = _outcome.Agents,
            });
        }
    }

    /// <summary>Not committed, or not known to be: the caller must send it all again.</summary>
    public void Fail(Exception why) => _done.TrySetException(why);
}

/// <summary>What one transaction did with the steps of one request.</summary>
internal sealed class RequestOutcome
{
    public int Accepted { get; set; }

    public int Duplicates { get; set; }

    public int Rejected { get; private set; }

    public HashSet<string> Reasons { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Sessions { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Agents { get; } = new(StringComparer.Ordinal);

    public void Reject(string reason, int count = 1)
    {
        Rejected += count;
        Reasons.Add(reason);
    }

    public void Add(RequestOutcome other)
    {
        Accepted += other.Accepted;
        Duplicates += other.Duplicates;
        Rejected += other.Rejected;
        Reasons.UnionWith(other.Reasons);
        Sessions.UnionWith(other.Sessions);
        Agents.UnionWith(other.Agents);
    }
}
