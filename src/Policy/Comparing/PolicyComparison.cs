using System.Runtime.InteropServices;

namespace Handrail.Policy;

/// <summary>
/// Runs what rules now and a draft side by side over actions of the past, in the order in which they were asked, and counts what would change.
/// </summary>
public sealed class PolicyComparison
{
    private static readonly int Verdicts = Enum.GetValues<Verdict>().Length;
    private static readonly int Words = Enum.GetValues<PeopleDecision>().Length;

    private readonly int _mostKept;
    private readonly ChangeFilter _which;
    private readonly long _skip;
    private readonly long[] _counts = new long[Verdicts * Verdicts];
    private readonly long[] _people = new long[Verdicts * Verdicts * Words];
    private readonly Dictionary<(int Change, string Currency), decimal> _amounts = [];
    private readonly List<ChangedAction> _kept = [];
    private readonly PolicyReplay _now = new();
    private readonly PolicyReplay _draft = new();
    private Agreement _nowAgrees, _draftAgrees;
    private long _listed;

    /// <param name="mostKept">How many changed actions are kept to be looked at, the first ones.</param>
    /// <param name="which">Of which kind; all where nothing is said.</param>
    /// <param name="skip">How many of that kind come before the first that is kept.</param>
    public PolicyComparison(int mostKept = 100, ChangeFilter which = default, long skip = 0) => (_mostKept, _which, _skip) = (mostKept, which, skip);

    /// <summary>Compares two stacks over actions until all are seen.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ComparisonResult Run(
        IReadOnlyList<PolicyLayer> now, IReadOnlyList<PolicyLayer> draft, IEnumerable<RecordedAction> actions, int mostKept = 100, CancellationToken cancel = default)
    {
        var comparison = new PolicyComparison(mostKept);
        foreach (var action in actions)
        {
            cancel.ThrowIfCancellationRequested();
            comparison.Add(now, draft, action);
        }

        return comparison.Result();
    }

    /// <summary>Looks at one more action.</summary>
    /// <param name="now">What rules its agent now.</param>
    /// <param name="draft">What would rule its agent with the draft.</param>
    /// <param name="recorded">The action.</param>
    public void Add(IReadOnlyList<PolicyLayer> now, IReadOnlyList<PolicyLayer> draft, RecordedAction recorded)
    {
        var (from, to) = (_now.Decide(now, recorded), _draft.Decide(draft, recorded));
        var change = ((int)from.Verdict * Verdicts) + (int)to.Verdict;
        _counts[change]++;
        if (recorded.People is { } said) (_nowAgrees, _draftAgrees) = (_nowAgrees.With(from.Verdict, said), _draftAgrees.With(to.Verdict, said));
        if (from.Verdict == to.Verdict) return;

        if (recorded.Action is { Amount: { } amount, Currency: { } currency })
            CollectionsMarshal.GetValueRefOrAddDefault(_amounts, (change, currency), out _) += amount;
        if (recorded.People is { } people) _people[(change * Words) + (int)people]++;
        if (!_which.Takes(from.Verdict, to.Verdict, recorded.People)) return;
        if (_listed++ >= _skip && _kept.Count < _mostKept) _kept.Add(new(recorded, from.Verdict, to.Verdict, Telling(from, to), Telling(to, from)));
    }

    /// <summary>What has come out so far.</summary>
    public ComparisonResult Result()
    {
        List<VerdictChange> changes = [];
        long actions = 0, changed = 0;
        for (var change = 0; change < _counts.Length; change++)
        {
            actions += _counts[change];
            var (from, to) = ((Verdict)(change / Verdicts), (Verdict)(change % Verdicts));
            if (from == to || _counts[change] == 0) continue;
            changed += _counts[change];
            var amounts = _amounts.Where(amount => amount.Key.Change == change).Select(amount => new Money(amount.Value, amount.Key.Currency));
            changes.Add(new(from, to, _counts[change], [.. amounts.OrderBy(amount => amount.Currency, StringComparer.Ordinal)])
            {
                Approved = Said(change, PeopleDecision.Approved), Edited = Said(change, PeopleDecision.Edited), Rejected = Said(change, PeopleDecision.Rejected),
            });
        }

        return new(actions, changed, changes, _nowAgrees, _draftAgrees, [.. _kept], Math.Max(0, _listed - _skip - _kept.Count));
    }

    /// <summary>Of the reasons that win, the first that the other side does not have: what makes the difference.</summary>
    private static Reason Telling(PolicyDecision decision, PolicyDecision other) =>
        decision.Reasons.FirstOrDefault(reason => reason.Verdict == decision.Verdict && !other.Reasons.Contains(reason)) ?? decision.Reasons[0];

    private long Said(int change, PeopleDecision people) => _people[(change * Words) + (int)people];
}
