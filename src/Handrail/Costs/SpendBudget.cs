namespace Handrail.Costs;

/// <summary>How long a budget holds before it begins anew.</summary>
public enum SpendPeriod
{
    Day,
    Month,
}

/// <summary>What may be spent in each day or month of the fleet's policy's time zone. It informs and halts nothing: that is for breakers.</summary>
/// <param name="Agent">Null for the fleet.</param>
/// <param name="Usd">Above zero.</param>
public sealed record SpendBudget(string? Agent, SpendPeriod Period, decimal Usd)
{
    /// <summary>When the present period began.</summary>
    public static DateOnly FirstDay(SpendPeriod period, DateOnly today) => period == SpendPeriod.Day ? today : CostDays.MonthOf(today);

    /// <summary>The first day of the next period.</summary>
    public static DateOnly NextDay(SpendPeriod period, DateOnly today) => period == SpendPeriod.Day ? today.AddDays(1) : CostDays.MonthOf(today).AddMonths(1);
}

/// <summary>A budget and how it stands.</summary>
/// <param name="First">The present period's first day.</param>
/// <param name="Last">Its last day.</param>
/// <param name="Unpriced">Calls whose cost is not known: <paramref name="Spent"/> is then a lower bound.</param>
/// <param name="Forecast">Null where there is too little to go by.</param>
public sealed record BudgetReading(SpendBudget Budget, DateOnly First, DateOnly Last, decimal Spent, long Unpriced, ForecastReading? Forecast)
{
    /// <summary>Below zero where more was spent.</summary>
    public decimal Left => Budget.Usd - Spent;

    /// <summary>1 for all of it.</summary>
    public double Share => (double)(Spent / Budget.Usd);
}
