using Handrail.Access;
using Handrail.Sessions;

namespace Handrail.Ingest;

/// <summary>One caller that waits until all of its steps are committed.</summary>
/// <param name="caller">Who sent them.</param>
/// <param name="givenUp">Cancelled when nobody waits any more: what is not begun with by then need not be.</param>
internal sealed class IncomingRequest(Caller caller, CancellationToken givenUp)
{
    /// <summary>Reasons told to a sender at most: they come from hostile input.</summary>
    private const int MostReasons = 5;

    private readonly TaskCompletionSource<IngestReceipt> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly RequestOutcome _outcome = new();
    private Exception? _failure;
    private int _partsLeft;

    public Caller Caller { get; } = caller;

    /// <summary>When it came to the writer, as <see cref="IngestFigures"/> counts.</summary>
    public long Arrival { get; init; }

    /// <summary>Completes when the writer is done with every part of it, and not before.</summary>
    public Task<IngestReceipt> Done => _done.Task;

    public bool IsGivenUp => givenUp.IsCancellationRequested;

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
    public void Reject(string reason)
    {
        lock (_lock)
        {
            _outcome.Reject(reason);
        }
    }

    /// <summary>A part, or a piece of one, is committed.</summary>
    public void Add(RequestOutcome outcome)
    {
        // Two transactions may end at once.
        lock (_lock)
        {
            _outcome.Add(outcome);
        }
    }

    /// <summary>A part is over; when it was the last, the caller is told.</summary>
    public void PartDone()
    {
        if (Interlocked.Decrement(ref _partsLeft) > 0)
        {
            return;
        }

        if (_failure is { } why)
        {
            _done.TrySetException(why);
        }
        else
        {
            _done.TrySetResult(new IngestReceipt
            {
                Accepted = _outcome.Accepted,
                Duplicates = _outcome.Duplicates,
                Rejected = _outcome.Rejected,
                RejectionReason = _outcome.Reasons.Count == 0 ? null : string.Join("; ", _outcome.Reasons.Order(StringComparer.Ordinal).Take(MostReasons)),
                Sessions = _outcome.Sessions,
                Agents = _outcome.Agents,
                Control = Control,
                PolicyVersion = _outcome.Agents.Count == 1 ? _outcome.PolicyVersion : null,
            });
        }
    }

    /// <summary>
    /// Of the one session that the request speaks of. It may carry several, of which only some are held: then it is the agents' own state that is
    /// told, and each session's with its next call.
    /// </summary>
    private ControlState? Control => _outcome.Agents.Count == 0 ? null
        : _outcome.Sessions.Count == 1 ? ControlQueries.Strictest(_outcome.SessionControl, [_outcome.AgentControl])
        : _outcome.Agents.Count == 1 ? _outcome.AgentControl : null;

    /// <summary>A part was not committed, or not known to be: when all are over the caller is told to send it all again.</summary>
    public void Fail(Exception why) => Interlocked.CompareExchange(ref _failure, why, null);
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

    /// <summary>The strictest that is ordered for any of the sessions.</summary>
    public ControlState SessionControl { get; set; }

    /// <summary>The strictest that is ordered for any of the agents or the fleet.</summary>
    public ControlState AgentControl { get; set; }

    /// <summary>What rules the agent that was reported last.</summary>
    public string? PolicyVersion { get; set; }

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
        SessionControl = ControlQueries.Strictest(SessionControl, [other.SessionControl]);
        AgentControl = ControlQueries.Strictest(AgentControl, [other.AgentControl]);
        PolicyVersion = other.PolicyVersion ?? PolicyVersion;
    }
}
