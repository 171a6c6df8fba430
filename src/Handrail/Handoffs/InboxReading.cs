using Handrail.Actions;
using Handrail.Breakers;
using Handrail.Sessions;

namespace Handrail.Handoffs;

/// <summary>A handoff as the Inbox lists it.</summary>
public sealed record InboxRow
{
    public required string Id { get; init; }

    public required HandoffKind Kind { get; init; }

    public required HandoffStatus Status { get; init; }

    public required string Agent { get; init; }

    public string? Type { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public string? Vendor { get; init; }

    /// <summary>The agent's words, cut short.</summary>
    public string? Summary { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whose claim holds at the moment of the reading.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>How many people have approved so far.</summary>
    public int Approvals { get; init; }

    public int ApprovalsNeeded { get; init; }

    /// <summary>Only this role may decide.</summary>
    public string? Role { get; init; }

    public string? DecidedBy { get; init; }

    public bool Open => Status == HandoffStatus.Open;
}

/// <summary>The queue at one moment.</summary>
/// <param name="Rows">What is open, the most urgent first.</param>
/// <param name="Left">Of those that the page still shows, what is no longer among the rows, as it is by now.</param>
/// <param name="More">More is open than was read.</param>
/// <param name="Agents">Agents that wait for people, for the filter.</param>
public sealed record InboxReading(IReadOnlyList<InboxRow> Rows, IReadOnlyList<InboxRow> Left, bool More, IReadOnlyList<string> Agents);

/// <summary>One handoff with what a person needs to decide it.</summary>
public sealed record InboxCard(HandoffAnswer Handoff)
{
    /// <summary>What silence means: <c>reject</c>, <c>escalate</c> or <c>hold</c>.</summary>
    public required string OnTimeout { get; init; }

    public string? EscalateTo { get; init; }

    public required bool ForbidSelfApproval { get; init; }

    public string? SessionTitle { get; init; }

    public required SessionState SessionState { get; init; }

    /// <summary>The policy version that sent the action to a person; null for what no policy sent.</summary>
    public string? PolicyVersion { get; init; }

    public string? Tool { get; init; }

    /// <summary>What became of the action; null where there is none.</summary>
    public ActionExecution? Execution { get; init; }

    /// <summary>How the action was decided; null where there is none.</summary>
    public ActionStatus? ActionStatus { get; init; }

    /// <summary>What tripped; null where no breaker did.</summary>
    public TripReading? Trip { get; init; }

    /// <summary>It was let go, and its time went by with nobody carrying it out.</summary>
    public bool Lapsed { get; init; }

    public bool Open => Handoff.Status == HandoffStatus.Open;
}
