using System.Runtime.InteropServices;

namespace Handrail.Policy;

/// <summary>Sets what policy by itself would have done against what people did, verdict by verdict.</summary>
public sealed class Confusion
{
    private readonly Dictionary<(Verdict WouldBe, PeopleDecision? People), long> _counts = [];
    private readonly Dictionary<(Verdict WouldBe, PeopleDecision? People, string Currency), decimal> _amounts = [];
    private Agreement _agreement;

    /// <summary>Counts one action.</summary>
    /// <param name="wouldBe">The verdict at full autonomy.</param>
    /// <param name="action">What was asked.</param>
    /// <param name="people">What people said; null where they have not yet.</param>
    public void Add(Verdict wouldBe, ActionRequest action, PeopleDecision? people)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, (wouldBe, people), out _)++;
        if (action is { Amount: { } amount, Currency: { } currency })
            CollectionsMarshal.GetValueRefOrAddDefault(_amounts, (wouldBe, people, currency.ToUpperInvariant()), out _) += amount;
        if (people is { } said) _agreement = _agreement.With(wouldBe, said);
    }

    /// <summary>What has come out so far.</summary>
    public ConfusionReading Result() => new(_agreement,
    [
        .. _counts.OrderBy(cell => cell.Key.WouldBe).ThenBy(cell => cell.Key.People is null).ThenBy(cell => cell.Key.People).Select(cell => new ConfusionCell(
            cell.Key.WouldBe, cell.Key.People, cell.Value,
            [
                .. _amounts.Where(amount => (amount.Key.WouldBe, amount.Key.People) == cell.Key)
                    .OrderBy(amount => amount.Key.Currency, StringComparer.Ordinal).Select(amount => new Money(amount.Value, amount.Key.Currency)),
            ])),
    ]);
}

/// <summary>How often policy by itself would have done what, and what people did then.</summary>
/// <param name="Agreement">How often they agree.</param>
/// <param name="Cells">Every pair that occurred.</param>
public sealed record ConfusionReading(Agreement Agreement, IReadOnlyList<ConfusionCell> Cells)
{
    /// <summary>Nothing was compared.</summary>
    public static ConfusionReading Empty { get; } = new(default, []);

    /// <summary>How many wait for people's word.</summary>
    public long Open => Cells.Where(cell => cell.People is null).Sum(cell => cell.Count);
}

/// <summary>The actions on which policy would have done one thing and people did another, or the same.</summary>
/// <param name="WouldBe">The verdict at full autonomy.</param>
/// <param name="People">What people did; null where it is not known yet.</param>
/// <param name="Count">How many.</param>
/// <param name="Amounts">The amount at stake: the sum in each currency.</param>
public sealed record ConfusionCell(Verdict WouldBe, PeopleDecision? People, long Count, IReadOnlyList<Money> Amounts);
