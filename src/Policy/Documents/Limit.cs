namespace Handrail.Policy;

/// <summary>
/// How far actions may go without a person. It covers an action by type, category and vendor; of all limits of a document that cover an
/// action, the most specific one alone counts.
/// </summary>
public sealed record Limit
{
    /// <summary>An exact action type or a prefix ending in <c>.*</c>; null covers all types.</summary>
    public string? Type { get; init; }

    /// <summary>The category covered; null covers all, also actions that name none.</summary>
    public string? Category { get; init; }

    /// <summary>The vendor covered; null covers all, also actions that name none.</summary>
    public string? Vendor { get; init; }

    /// <summary>The highest single amount, in <see cref="Currency"/>.</summary>
    public decimal? MaxAmount { get; init; }

    /// <summary>ISO 4217 letters of <see cref="MaxAmount"/> and <see cref="MaxTotal"/>.</summary>
    public string? Currency { get; init; }

    /// <summary>The least confidence, from 0 to 1, that the agent must state.</summary>
    public decimal? MinConfidence { get; init; }

    /// <summary>A budget: the highest sum of all amounts let go under this limit within one <see cref="Per"/>.</summary>
    public decimal? MaxTotal { get; init; }

    /// <summary>The period of <see cref="MaxTotal"/>.</summary>
    public BudgetPeriod? Per { get; init; }

    /// <summary>
    /// The last day, in the policy's time zone, on which it lets anything go; null for always. Afterwards it still covers what it covered, and everything is outside: its end
    /// only ever tightens.
    /// </summary>
    public DateOnly? Until { get; init; }

    /// <summary>Whether it lets anything go at a moment, by the clock of the policy's time zone.</summary>
    public bool HoldsAt(DateTimeOffset moment, TimeZoneInfo zone) => Until is not { } last || DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, zone).DateTime) <= last;

    /// <summary>
    /// Names the limit within its document: type, category and vendor as they are compared, with <c>*</c> for what isn't named
    /// and the unnamed tail left out, such as <c>expense.approve/meals</c> or <c>*/*/delta</c>.
    /// </summary>
    public string Key => LimitKey.Of(Type, Category, Vendor);
}
