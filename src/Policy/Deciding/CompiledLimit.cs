namespace Handrail.Policy;

/// <summary>A limit made ready.</summary>
internal sealed class CompiledLimit
{
    private readonly string _scope;
    private readonly TimeZoneInfo _zone;

    /// <summary>The ends of sentences, which are the same for every action.</summary>
    private readonly string _most, _total;

    public CompiledLimit(Limit limit, string scope, TimeZoneInfo zone)
    {
        _scope = scope;
        _zone = zone;
        Limit = limit;
        Key = limit.Key;
        Name = $"limit:{Key}";
        Type = limit.Type is { } type ? new TypePattern(type) : null;
        Category = limit.Category is { } category ? ComparableText.Of(category) : null;
        Vendor = limit.Vendor is { } vendor ? ComparableText.Of(vendor) : null;
        Currency = limit.Currency is { } currency ? ComparableText.Of(currency) : null;
        _most = limit.MaxAmount is { } most ? $"{Say.Money(most, limit.Currency)} that may go without a person" : "";
        _total = limit.MaxTotal is { } total ? $"the {Say.Money(total, limit.Currency)} per {limit.Per?.Word()} that may go without a person" : "";
    }

    public Limit Limit { get; }

    public string Key { get; }

    /// <summary>As reasons name it.</summary>
    public string Name { get; }

    public TypePattern? Type { get; }

    public int TypeSpecificity => Type?.Specificity ?? -1;

    public string? Category { get; }

    public string? Vendor { get; }

    public string? Currency { get; }

    public BudgetKey? BudgetAt(scoped in Subject subject) =>
        Limit.MaxTotal is null ? null : new(_scope, Key, BudgetPeriods.Key(Limit.Per ?? BudgetPeriod.Session, subject.Facts.SessionId, subject.Now, _zone));

    /// <summary>Whether it lets anything go at a moment.</summary>
    public bool HoldsAt(DateTimeOffset moment) => Limit.HoldsAt(moment, _zone);

    /// <summary>Why the action is outside the limit; null when it is inside. What its budget has let go already may be unknown.</summary>
    public string? Outside(scoped in Subject subject, decimal? used)
    {
        if (!HoldsAt(subject.Now)) return $"What may go without a person was settled until {Say.Day(Limit.Until!.Value)}, and has to be settled anew";
        var action = subject.Action;

        // In another currency the figures say nothing of one another; else a person is told of the amount and of the confidence.
        var amount = OutsideCurrency(subject)
            ?? (Limit.MaxAmount is { } most ? OutsideAmount(action.Amount, most) : null)
            ?? (Limit.MaxTotal is { } total ? OutsideTotal(action.Amount, total, used) : null);
        var confidence = Limit.MinConfidence is { } least ? OutsideConfidence(action.Confidence, least) : null;
        return amount is null || confidence is null ? amount ?? confidence : $"{amount}. {confidence}";
    }

    /// <summary>Why an action that is inside may go.</summary>
    public string Inside(ActionRequest action) => (Limit, action) switch
    {
        ({ MaxAmount: not null }, { Amount: { } amount }) => $"{Say.Money(amount, Limit.Currency)} is within the {_most}",
        ({ MaxTotal: not null }, { Amount: { } amount }) => $"{Say.Money(amount, Limit.Currency)} fits into {_total}",
        ({ MinConfidence: { } least }, { Confidence: { } stated }) => $"A confidence of {Say.Number(stated)} reaches the {Say.Number(least)} needed to go without a person",
        _ => "The action is inside the limit",
    };

    private string? OutsideCurrency(scoped in Subject subject)
    {
        if (Currency is null) return null;
        if (subject.Action.Currency is null) return $"The action names no currency, and the limit is in {Limit.Currency}";
        return subject.Currency.SequenceEqual(Currency) ? null : $"The action is in {subject.Currency.ToString().ToUpperInvariant()}, and the limit is in {Limit.Currency}";
    }

    private string? OutsideAmount(decimal? stated, decimal most) => stated switch
    {
        null => $"The action names no amount, and up to {Say.Money(most, Limit.Currency)} may go without a person",
        { } amount when amount < 0 => $"{Say.Money(amount, Limit.Currency)} is below zero, which no limit covers",
        { } amount when amount > most => $"{Say.Money(amount, Limit.Currency)} is over the {_most}",
        _ => null,
    };

    private static string? OutsideConfidence(decimal? confidence, decimal least) => confidence switch
    {
        null => $"The agent states no confidence, and {Say.Number(least)} is needed to go without a person",
        _ when confidence < least => $"A confidence of {Say.Number(confidence.Value)} is under the {Say.Number(least)} needed to go without a person",
        _ => null,
    };

    private string? OutsideTotal(decimal? stated, decimal total, decimal? used) => (stated, used) switch
    {
        (null, _) => $"The action names no amount to count against {_total}",
        ({ } amount, _) when amount < 0 => $"{Say.Money(amount, Limit.Currency)} is below zero, which no limit covers",
        (_, null) => $"What is left of {_total} is not known",
        ({ } amount, { } gone) when amount > total - gone => $"{Say.Money(amount, Limit.Currency)} on top of {Say.Money(gone, Limit.Currency)} already gone is over {_total}",
        _ => null,
    };
}
