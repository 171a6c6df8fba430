namespace Handrail.Policy;

/// <summary>The period over which a limit's budget runs, in the policy's time zone.</summary>
public enum BudgetPeriod
{
    /// <summary>The whole session.</summary>
    Session,

    /// <summary>A calendar day.</summary>
    Day,

    /// <summary>An ISO 8601 week, Monday to Sunday.</summary>
    Week,

    /// <summary>A calendar month.</summary>
    Month,
}
