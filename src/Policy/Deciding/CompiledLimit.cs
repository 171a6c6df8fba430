namespace Handrail.Policy;

/// <summary>A limit made ready. Sorts before every other that covers the same action and is less specific.</summary>
internal sealed class CompiledLimit : IComparable<CompiledLimit>
{
    private readonly TypePattern? _type;
    private readonly string? _category;
    private readonly string? _vendor;
    private readonly string? _currency;

    public CompiledLimit(Limit limit)
    {
        Limit = limit;
        Key = limit.Key;
        _type = limit.Type is { } type ? new TypePattern(type) : null;
        _category = limit.Category is { } category ? ComparableText.Of(category) : null;
        _vendor = limit.Vendor is { } vendor ? ComparableText.Of(vendor) : null;
        _currency = limit.Currency is { } currency ? ComparableText.Of(currency) : null;
    }

    public Limit Limit { get; }

    public string Key { get; }

    public bool Covers(Subject subject) =>
        (_type is null || _type.Value.Matches(subject.Type))
        && (_category is null || _category == subject.Category)
        && (_vendor is null || _vendor == subject.Vendor);

    /// <summary>Naming the vendor beats naming the category, which beats naming the type.</summary>
    public int CompareTo(CompiledLimit? other)
    {
        if (other is null) return -1;
        var byVendor = (other._vendor is not null).CompareTo(_vendor is not null);
        if (byVendor != 0) return byVendor;
        var byCategory = (other._category is not null).CompareTo(_category is not null);
        return byCategory != 0 ? byCategory : (other._type?.Specificity ?? -1).CompareTo(_type?.Specificity ?? -1);
    }

    public BudgetKey? BudgetAt(string scope, Subject subject, TimeZoneInfo zone) =>
        Limit.MaxTotal is null ? null : new(scope, Key, BudgetPeriods.Key(Limit.Per ?? BudgetPeriod.Session, subject.Facts.SessionId, subject.Now, zone));

    /// <summary>Why the action is outside the limit; null when it is inside. What its budget has let go already may be unknown.</summary>
    public string? Outside(Subject subject, decimal? used)
    {
        var action = subject.Action;

        // In another currency the figures say nothing of one another; else a person is told of the amount and of the confidence.
        var amount = OutsideCurrency(subject)
            ?? (Limit.MaxAmount is { } most ? OutsideAmount(action.Amount, most) : null)
            ?? (Limit.MaxTotal is { } total ? OutsideTotal(action.Amount, total, used) : null);
        var confidence = Limit.MinConfidence is { } least ? OutsideConfidence(action.Confidence, least) : null;
        return amount is null || confidence is null ? amount ?? confidence : $"{amount}. {confidence}";
    }

    /// <summary>Why an action that is inside may go.</summary>
    public string Inside(Subject subject) => (Limit, subject.Action) switch
    {
        ({ MaxAmount: { } most }, { Amount: { } amount }) => $"{Say.Money(amount, Limit.Currency)} is within the {Say.Money(most, Limit.Currency)} that may go without a person",
        ({ MaxTotal: { } total }, { Amount: { } amount }) => $"{Say.Money(amount, Limit.Currency)} fits into the {Say.Money(total, Limit.Currency)} per {Limit.Per?.Word()} that may go without a person",
        ({ MinConfidence: { } least }, { Confidence: { } stated }) => $"A confidence of {Say.Number(stated)} reaches the {Say.Number(least)} needed to go without a person",
        _ => "The action is inside the limit",
    };

    private string? OutsideCurrency(Subject subject)
    {
        if (_currency is null || subject.Currency == _currency) return null;
        return subject.Currency is { } other
            ? $"The action is in {other.ToUpperInvariant()}, and the limit is in {Limit.Currency}"
            : $"The action names no currency, and the limit is in {Limit.Currency}";
    }

    private string? OutsideAmount(decimal? stated, decimal most) => stated switch
    {
        null => $"The action names no amount, and up to {Say.Money(most, Limit.Currency)} may go without a person",
        { } amount when amount < 0 => $"{Say.Money(amount, Limit.Currency)} is below zero, which no limit covers",
        { } amount when amount > most => $"{Say.Money(amount, Limit.Currency)} is over the {Say.Money(most, Limit.Currency)} that may go without a person",
        _ => null,
    };

    private static string? OutsideConfidence(decimal? confidence, decimal least) => confidence switch
    {
        null => $"The agent states no confidence, and {Say.Number(least)} is needed to go without a person",
        _ when confidence < least => $"A confidence of {Say.Number(confidence.Value)} is under the {Say.Number(least)} needed to go without a person",
        _ => null,
    };

    private string? OutsideTotal(decimal? stated, decimal total, decimal? used)
    {
        var budget = $"the {Say.Money(total, Limit.Currency)} per {Limit.Per?.Word()} that may go without a person";
        return (stated, used) switch
        {
            (null, _) => $"The action names no amount to count against {budget}",
            ({ } amount, _) when amount < 0 => $"{Say.Money(amount, Limit.Currency)} is below zero, which no limit covers",
            (_, null) => $"What is left of {budget} is not known",
            ({ } amount, { } gone) when amount > total - gone => $"{Say.Money(amount, Limit.Currency)} on top of {Say.Money(gone, Limit.Currency)} already gone is over {budget}",
            _ => null,
        };
    }
}
