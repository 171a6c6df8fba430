using System.Data.Common;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Handrail.Store;

/// <summary>One column of rows that are written in bulk, past EF's change tracker.</summary>
internal abstract class BulkColumn<TRow>(string name)
{
    public string Name { get; } = name;

    /// <summary>Binds the value as SQLite stores it.</summary>
    public abstract void Bind(SqliteStatement statement, int number, TRow row);

    /// <summary>The values of all rows as one array, for <c>unnest</c>.</summary>
    public abstract DbParameter PostgresArray(IReadOnlyList<TRow> rows);

    /// <summary>The value as the next cell of a <c>COPY</c>.</summary>
    public abstract void Copy(NpgsqlBinaryImporter importer, TRow row);
}

/// <summary>The columns' types, and how each is written to either database.</summary>
internal static class BulkColumn
{
    public static BulkColumn<TRow> Text<TRow>(string name, Func<TRow, string?> value) => new Column<TRow, string?>(name, NpgsqlDbType.Text, value, static (s, n, v) => s.Bind(n, v));

    public static BulkColumn<TRow> Bytes<TRow>(string name, Func<TRow, byte[]?> value) => new Column<TRow, byte[]?>(name, NpgsqlDbType.Bytea, value, static (s, n, v) => s.Bind(n, v));

    public static BulkColumn<TRow> Integer<TRow>(string name, Func<TRow, int> value) => new Column<TRow, int>(name, NpgsqlDbType.Integer, value, static (s, n, v) => s.Bind(n, (long)v));

    public static BulkColumn<TRow> Long<TRow>(string name, Func<TRow, long?> value) => new Column<TRow, long?>(name, NpgsqlDbType.Bigint, value, static (s, n, v) => s.Bind(n, v));

    public static BulkColumn<TRow> Flag<TRow>(string name, Func<TRow, bool> value) => new Column<TRow, bool>(name, NpgsqlDbType.Boolean, value, static (s, n, v) => s.Bind(n, v ? 1L : 0L));

    public static BulkColumn<TRow> Real<TRow>(string name, Func<TRow, double?> value) => new Column<TRow, double?>(name, NpgsqlDbType.Double, value, static (s, n, v) => s.Bind(n, v));

    public static BulkColumn<TRow> Decimal<TRow>(string name, Func<TRow, decimal?> value) => new Column<TRow, decimal?>(name, NpgsqlDbType.Numeric, value, static (s, n, v) => s.Bind(n, DecimalText(v)));

    public static BulkColumn<TRow> Time<TRow>(string name, Func<TRow, DateTimeOffset?> value) => new Column<TRow, DateTimeOffset?>(
        name, NpgsqlDbType.TimestampTz, row => value(row) is { } time ? TimeColumns.Truncate(time) : null, static (s, n, v) => s.Bind(n, v is { } time ? TimeColumns.ToMicros(time) : null));

    public static BulkColumn<TRow> Word<TRow, TEnum>(string name, Func<TRow, TEnum> value)
        where TEnum : struct, Enum => Text<TRow>(name, row => EnumText<TEnum>.Of(value(row)));

    /// <summary>As the provider writes it, so that both ways in give the same column: never without a point.</summary>
    private static string? DecimalText(decimal? value) => value?.ToString("0.0###########################", CultureInfo.InvariantCulture);

    private sealed class Column<TRow, T>(string name, NpgsqlDbType type, Func<TRow, T> value, Action<SqliteStatement, int, T> bind) : BulkColumn<TRow>(name)
    {
        public override void Bind(SqliteStatement statement, int number, TRow row) => bind(statement, number, value(row));

        public override DbParameter PostgresArray(IReadOnlyList<TRow> rows)
        {
            var values = new T[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = value(rows[i]);
            }

            return new NpgsqlParameter<T[]> { ParameterName = Name, NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values };
        }

        public override void Copy(NpgsqlBinaryImporter importer, TRow row)
        {
            var cell = value(row);
            if (cell is null)
            {
                importer.WriteNull();
            }
            else
            {
                importer.Write(cell, type);
            }
        }
    }
}
