using System.Data.Common;

namespace Handrail.Store;

/// <summary>Columns of a row as <see cref="Bulk"/> reads it, where the provider has no reading of its own.</summary>
internal static class RowReads
{
    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? LongOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    /// <summary>A moment as either database stores it.</summary>
    public static DateTimeOffset GetTime(this DbDataReader row, int column, DatabaseProvider provider) =>
        provider == DatabaseProvider.Sqlite ? TimeColumns.FromMicros(row.GetInt64(column)) : row.GetFieldValue<DateTimeOffset>(column);
}
