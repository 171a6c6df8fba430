namespace Handrail.Policy;

/// <summary>What a draft would have changed.</summary>
/// <param name="Actions">How many actions were looked at.</param>
/// <param name="Changed">How many would have had another verdict.</param>
/// <param name="Changes">From what to what, and how much money was behind it.</param>
/// <param name="Now">How far what rules now agrees with what people decided.</param>
/// <param name="Draft">How far the draft does.</param>
/// <param name="Kept">The first of the changed ones.</param>
public sealed record ComparisonResult(
    long Actions, long Changed, IReadOnlyList<VerdictChange> Changes, Agreement Now, Agreement Draft, IReadOnlyList<ChangedAction> Kept);

/// <summary>The actions that would have had one verdict in place of another.</summary>
/// <param name="From">The verdict of what rules now.</param>
/// <param name="To">The draft's.</param>
/// <param name="Count">How many.</param>
/// <param name="Amounts">The sum of their amounts in each currency.</param>
public sealed record VerdictChange(Verdict From, Verdict To, long Count, IReadOnlyList<Money> Amounts);

/// <summary>One action that would have had another verdict.</summary>
/// <param name="Id">Where it is found again.</param>
/// <param name="From">The verdict of what rules now.</param>
/// <param name="To">The draft's.</param>
/// <param name="Because">The reason that wins now.</param>
/// <param name="Instead">The reason that would win.</param>
/// <param name="Decided">What was decided then.</param>
/// <param name="People">What people said, if they did.</param>
public sealed record ChangedAction(string Id, Verdict From, Verdict To, Reason Because, Reason Instead, Verdict Decided, PeopleDecision? People);
