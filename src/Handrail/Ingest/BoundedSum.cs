namespace Handrail.Ingest;

/// <summary>
/// Sums that stop at the largest figure. Their summands are the senders' to choose: a total that went round to below zero would show an agent
/// that ran away as one that spent nothing.
/// </summary>
internal static class BoundedSum
{
    /// <summary>9.0 · 10¹⁸: nine billion dollars in billionths; short of a 64-bit number's end by more than one step can hold.</summary>
    public const long Most = 9_000_000_000_000_000_000;

    public static long Of(long total, long summand)
    {
        summand = Math.Min(summand, Most);
        return summand > 0 && total > Most - summand ? Most : total + summand;
    }

    /// <summary>The same in an upsert's SQL, for a column of a table and what would have been inserted.</summary>
    public static string Sql(string table, string column) => FormattableString.Invariant(
        $"CASE WHEN excluded.{column} <= 0 THEN {table}.{column} + excluded.{column} WHEN {table}.{column} > {Most} - excluded.{column} THEN {Most} ELSE {table}.{column} + excluded.{column} END");
}
