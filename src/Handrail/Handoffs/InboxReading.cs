using Handrail.Actions;
using Handrail.Agents;
using Handrail.Breakers;
using Handrail.Sessions;

namespace Handrail.Handoffs;

/// <summary>A handoff as the Inbox lists it.</summary>
public sealed record InboxRow
{
    public required string Id { get; init; }

    /// <summary>The version that the row shows: what a decision from the list is on.</summary>
    public required long Version { get; init; }

    public required HandoffKind Kind { get; init; }

    public required HandoffStatus Status { get; init; }

    public required string Agent { get; init; }

    public string? User { get; init; }

    public string? Type { get; init; }

    public decimal? Amount { get; init; }

    public string? Currency { get; init; }

    public string? Vendor { get; init; }

    public string? Category { get; init; }

    public string? Risk { get; init; }

    /// <summary>The agent's words, cut short.</summary>
    public string? Summary { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required string OnTimeout { get; init; }

    /// <summary>Whose claim it is or was; see <see cref="Claimer"/>.</summary>
    public string? ClaimedBy { get; init; }

    public DateTimeOffset? ClaimedUntil { get; init; }

    /// <summary>The colleague to whom it was delegated.</summary>
    public string? AssignedTo { get; init; }

    /// <summary>Who has approved so far, each name ended by a line break.</summary>
    public string ApprovedBy { get; init; } = "";

    public int ApprovalsNeeded { get; init; }

    public bool ForbidSelfApproval { get; init; }

    /// <summary>Only this role may decide.</summary>
    public string? Role { get; init; }

    /// <summary>It may go around an action that was refused: to be looked at by itself.</summary>
    public bool Bypass { get; init; }

    /// <summary>The session that it came from.</summary>
    public string SessionId { get; init; } = "";

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public bool Open => Status == HandoffStatus.Open;

    /// <summary>How many people have approved so far.</summary>
    public int Approvals => ApprovedBy.Count(c => c == '\n');

    /// <summary>Whose claim holds at a moment.</summary>
    public string? Claimer(DateTimeOffset now) => Open && ClaimedUntil > now ? ClaimedBy : null;
}

/// <summary>What of the queue one person wants to see; null members narrow nothing.</summary>
public sealed record InboxFilter
{
    public string? Agent { get; init; }

    public HandoffKind? Kind { get; init; }

    public string? Type { get; init; }

    /// <summary>The user on whose behalf the agent works, whole.</summary>
    public string? User { get; init; }

    public string? SessionId { get; init; }

    /// <summary>Only what the person has claimed, or was delegated.</summary>
    public bool Mine { get; init; }

    /// <summary>What the person has put aside, in place of all else.</summary>
    public bool Snoozed { get; init; }

    /// <summary>Whether it takes all that is open, where nothing is put aside.</summary>
    public bool Everything => this is { Agent: null, Kind: null, Type: null, User: null, SessionId: null, Mine: false, Snoozed: false };

    /// <param name="row">An open handoff.</param>
    /// <param name="aside">What the person has put aside.</param>
    public bool Takes(InboxRow row, string person, IReadOnlyDictionary<string, DateTimeOffset> aside, DateTimeOffset now) =>
        (Agent is null || row.Agent == Agent) && (Kind is null || row.Kind == Kind) && (Type is null || row.Type == Type)
        && (User is null || row.User == User) && (SessionId is null || row.SessionId == SessionId)
        && (!Mine || row.Claimer(now) == person || row.AssignedTo == person)
        && (aside.TryGetValue(row.Id, out var until) && until > now) == Snoozed;
}

/// <summary>The queue at one moment, as one person wants to see it.</summary>
/// <param name="Queue">All of it.</param>
/// <param name="Rows">What is open and wanted, the most urgent first.</param>
/// <param name="Left">Of those that the page still shows, what is not open any more, as it is by now.</param>
/// <param name="Aside">What the person has put aside, and until when.</param>
public sealed record InboxReading(QueueReading Queue, IReadOnlyList<InboxRow> Rows, IReadOnlyList<InboxRow> Left, IReadOnlyDictionary<string, DateTimeOffset> Aside);

/// <summary>One handoff with what a person needs to decide it.</summary>
public sealed record InboxCard(HandoffAnswer Handoff)
{
    /// <summary>What silence means: <c>reject</c>, <c>escalate</c> or <c>hold</c>.</summary>
    public required string OnTimeout { get; init; }

    public string? EscalateTo { get; init; }

    public required bool ForbidSelfApproval { get; init; }

    public string? SessionTitle { get; init; }

    public required SessionState SessionState { get; init; }

    public required SessionActivity SessionActivity { get; init; }

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

    /// <summary>What people decided on the like before.</summary>
    public SimilarDecisions? Similar { get; init; }

    /// <summary>What reviewers of this agent choose from when they reject.</summary>
    public required IReadOnlyList<RejectCode> RejectCodes { get; init; }

    /// <summary>It repeated a case that was rejected, to measure attention; told only once it is decided.</summary>
    public string? PlantedFrom { get; init; }

    public bool Open => Handoff.Status == HandoffStatus.Open;
}
