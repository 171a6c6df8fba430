namespace Handrail.Policy;

/// <summary>What a draft would have changed.</summary>
/// <param name="Actions">How many actions were looked at.</param>
/// <param name="Changed">How many would have had another verdict.</param>
/// <param name="Changes">From what to what, and how much money was behind it.</param>
/// <param name="Now">How far what rules now agrees with what people decided.</param>
/// <param name="Draft">How far the draft does.</param>
/// <param name="Kept">The changed ones that were to be kept.</param>
/// <param name="After">How many more of their kind come after those.</param>
public sealed record ComparisonResult(
    long Actions, long Changed, IReadOnlyList<VerdictChange> Changes, Agreement Now, Agreement Draft, IReadOnlyList<ChangedAction> Kept, long After);

/// <summary>Which changed actions are to be kept; null members take all.</summary>
/// <param name="From">The verdict of what rules now.</param>
/// <param name="To">The draft's.</param>
/// <param name="People">What people said.</param>
public readonly record struct ChangeFilter(Verdict? From, Verdict? To, PeopleDecision? People)
{
    /// <summary>Whether a change is one of them.</summary>
    public bool Takes(Verdict from, Verdict to, PeopleDecision? people) =>
        (From is null || From == from) && (To is null || To == to) && (People is null || People == people);
}

/// <summary>The actions that would have had one verdict in place of another.</summary>
/// <param name="From">The verdict of what rules now.</param>
/// <param name="To">The draft's.</param>
/// <param name="Count">How many.</param>
/// <param name="Amounts">The sum of their amounts in each currency.</param>
public sealed record VerdictChange(Verdict From, Verdict To, long Count, IReadOnlyList<Money> Amounts)
{
    /// <summary>How many of them people had approved as proposed.</summary>
    public long Approved { get; init; }

    /// <summary>How many they had approved otherwise than proposed.</summary>
    public long Edited { get; init; }

    /// <summary>How many they had not let the agent do.</summary>
    public long Rejected { get; init; }
}

/// <summary>One action that would have had another verdict.</summary>
/// <param name="Action">The action as it was recorded.</param>
/// <param name="From">The verdict of what rules now.</param>
/// <param name="To">The draft's.</param>
/// <param name="Because">The reason that wins now; of several, one that the draft does not have.</param>
/// <param name="Instead">The reason that would win; of several, one that now is not there.</param>
public sealed record ChangedAction(RecordedAction Action, Verdict From, Verdict To, Reason Because, Reason Instead);
