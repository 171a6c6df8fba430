using Handrail.Access;

namespace Handrail.Handoffs;

/// <summary>
/// Many approvals of one kind at once: the same type, the same risk, one currency, up to an amount. Each is decided by itself, on the version that the list
/// showed; whatever changed meanwhile is refused by itself and stays.
/// </summary>
public sealed class BulkApproval
{
    private readonly Rights _rights;
    private readonly List<InboxRow> _alike;
    private readonly HashSet<string> _without = new(StringComparer.Ordinal);

    /// <param name="like">What the others have to be like.</param>
    /// <param name="rows">What the person has before them.</param>
    public BulkApproval(InboxRow like, IEnumerable<InboxRow> rows, Rights rights, DateTimeOffset now)
    {
        (Like, _rights) = (like, rights);
        _alike = [.. rows.Where(r => IsAlike(r, like) && MayApprove(r, now)).OrderByDescending(r => r.Amount)];
        Limit = like.Amount ?? 0;
    }

    /// <summary>Whether there is a way to approve such as this together. What may go around something refused is looked at by itself.</summary>
    public static bool Fits(InboxRow row) => row is { Open: true, Bypass: false, Kind: HandoffKind.Approval, Type: not null, Amount: not null, Currency: not null };

    public InboxRow Like { get; }

    /// <summary>Nothing above this amount is approved.</summary>
    public decimal Limit { get; set; }

    /// <summary>All that is alike and not above the limit, the largest first.</summary>
    public IReadOnlyList<InboxRow> Offered => [.. _alike.Where(r => r.Amount <= Limit)];

    /// <summary>What would be approved.</summary>
    public IReadOnlyList<InboxRow> Chosen => [.. Offered.Where(r => !_without.Contains(r.Id))];

    /// <summary>Alike, and above the limit.</summary>
    public int Above => _alike.Count(r => r.Amount > Limit);

    public decimal Sum => Chosen.Sum(r => r.Amount ?? 0);

    /// <summary>How many of those chosen take another person's approval besides.</summary>
    public int NeedMore => Chosen.Count(r => r.ApprovalsNeeded - r.Approvals > 1);

    public int Done { get; private set; }

    /// <summary>What was refused, and why; it stands as it stood.</summary>
    public IReadOnlyList<(InboxRow Row, string Why)> Refused => _refused;

    private readonly List<(InboxRow Row, string Why)> _refused = [];

    public bool IsChosen(InboxRow row) => !_without.Contains(row.Id);

    public void Choose(InboxRow row, bool chosen)
    {
        if (chosen)
        {
            _without.Remove(row.Id);
        }
        else
        {
            _without.Add(row.Id);
        }
    }

    /// <summary>Approves what is chosen, one after the other.</summary>
    /// <param name="each">Called after each.</param>
    public async Task RunAsync(DecideHandoff decide, Func<Task> each, CancellationToken cancel)
    {
        foreach (var row in Chosen)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                await decide.HandleAsync(_rights.Caller, row.Id, new HandoffDecision(DecisionKind.Approve), row.Version, CancellationToken.None);
                Done++;
            }
            catch (Refusal refusal)
            {
                _refused.Add((row, refusal.Message));
            }

            await each();
        }
    }

    private static bool IsAlike(InboxRow row, InboxRow like) =>
        Fits(row) && row.Type == like.Type && row.Risk == like.Risk && row.Currency == like.Currency;

    /// <summary>What the command would refuse is not offered.</summary>
    private bool MayApprove(InboxRow row, DateTimeOffset now) =>
        (row.Claimer(now) ?? _rights.Caller.Name) == _rights.Caller.Name
        && (row.AssignedTo ?? _rights.Caller.Name) == _rights.Caller.Name
        && _rights.Over(Permission.Decide, row.Agent)
        && (row.Role is not { } role || _rights.Holds(role, row.Agent))
        && !(row.ForbidSelfApproval && (Same(row.User, _rights.Caller.Name) || Same(row.User, _rights.Caller.Id)))
        && !row.ApprovedBy.Split('\n').Any(name => Same(name, _rights.Caller.Name))
        && !(row.OnTimeout == "reject" && row.ExpiresAt <= now);

    private static bool Same(string? one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
