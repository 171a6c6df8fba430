using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Handrail.Store;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Handrail.Benchmarks;

/// <summary>
/// The database's own pace: rows that the console stored, read back and written again into tables like theirs, with the same indexes, so many steps a
/// transaction, as durable, and with nothing else done: nothing is looked up, added to or brought up to date.
/// </summary>
internal static class RawInserts
{
    private const int MostRows = 60_000;

    /// <summary>The middle one counts: a checkpoint halves the pace of whichever it falls into.</summary>
    private const int Runs = 3;

    /// <summary>The steps and what they said.</summary>
    public static readonly string[] StepsAlone = ["steps", "step_contents"];

    /// <summary>All that a span leaves behind.</summary>
    public static readonly string[] Everything = [.. StepsAlone, "traces", "turns", "sessions", "session_agents", "session_tools"];

    /// <summary>Steps a second, each with its share of the rows of the other tables.</summary>
    public static async Task<double> RateAsync(DatabaseProvider provider, string connectionString, string[] tables, int stepsInTransaction)
    {
        await using DbConnection connection = provider == DatabaseProvider.Sqlite ? new SqliteConnection(connectionString) : new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        if (provider == DatabaseProvider.Sqlite)
        {
            await RunAsync(connection, "PRAGMA synchronous = FULL");
        }

        var rows = new Dictionary<string, (string[] Columns, List<object[]> Rows)>();
        foreach (var table in tables)
        {
            await LikeAsync(provider, connection, table);
            rows[table] = await ReadAsync(connection, table);
        }

        var rowsOf = await RowsAsync(connection, tables);
        var rates = new List<double>();
        while (rates.Count < Runs)
        {
            foreach (var table in tables)
            {
                await RunAsync(connection, provider == DatabaseProvider.Sqlite ? $"DELETE FROM raw_{table}" : $"TRUNCATE raw_{table}");
            }

            rates.Add(await PaceAsync(connection, rows, rowsOf, stepsInTransaction));
        }

        foreach (var table in tables)
        {
            await RunAsync(connection, $"DROP TABLE raw_{table}");
        }

        return rates.Order().ElementAt(Runs / 2);
    }

    private static async Task<double> PaceAsync(
        DbConnection connection, Dictionary<string, (string[] Columns, List<object[]> Rows)> rows, Dictionary<string, long> rowsOf, int stepsInTransaction)
    {
        var count = rows["steps"].Rows.Count;
        var clock = Stopwatch.StartNew();
        for (var start = 0; start < count; start += stepsInTransaction)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var table in rows.Keys)
            {
                // As many of its rows as come with so many steps.
                var (from, to) = ((int)(start * rowsOf[table] / rowsOf["steps"]), (int)(Math.Min(start + stepsInTransaction, count) * rowsOf[table] / rowsOf["steps"]));
                var part = rows[table].Rows.GetRange(from, to - from);
                if (connection is NpgsqlConnection npgsql)
                {
                    await CopyAsync(npgsql, table, rows[table].Columns, part);
                }
                else
                {
                    Prepared((SqliteConnection)connection, table, rows[table].Columns, part);
                }
            }

            await transaction.CommitAsync();
        }

        return count / clock.Elapsed.TotalSeconds;
    }

    private static async Task<Dictionary<string, long>> RowsAsync(DbConnection connection, string[] tables)
    {
        var rows = new Dictionary<string, long>();
        foreach (var table in tables)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"SELECT count(*) FROM {table}";
            rows[table] = Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        }

        return rows;
    }

    private static async Task LikeAsync(DatabaseProvider provider, DbConnection connection, string table)
    {
        if (provider == DatabaseProvider.Postgres)
        {
            await RunAsync(connection, $"CREATE TABLE raw_{table} (LIKE {table} INCLUDING ALL)");
            return;
        }

        var statements = new List<string>();
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT sql FROM sqlite_master WHERE tbl_name = @table AND type IN ('table', 'index') AND sql IS NOT NULL";
            command.Parameters.Add(new SqliteParameter("table", table));
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                statements.Add(reader.GetString(0));
            }
        }

        foreach (var statement in statements)
        {
            await RunAsync(connection, statement
                .Replace($"\"{table}\"", $"\"raw_{table}\"", StringComparison.Ordinal)
                .Replace("INDEX \"", "INDEX \"raw_", StringComparison.Ordinal));
        }
    }

    private static async Task<(string[] Columns, List<object[]> Rows)> ReadAsync(DbConnection connection, string table)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {table} LIMIT {MostRows}";
        await using var reader = await command.ExecuteReaderAsync();
        var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[columns.Length];
            reader.GetValues(row);
            rows.Add(row);
        }

        return (columns, rows);
    }

    private static async Task CopyAsync(NpgsqlConnection connection, string table, string[] columns, List<object[]> rows)
    {
        await using var importer = await connection.BeginBinaryImportAsync($"COPY raw_{table} ({Names(columns)}) FROM STDIN (FORMAT BINARY)");
        foreach (var row in rows)
        {
            importer.StartRow();
            foreach (var cell in row)
            {
                if (cell is DBNull)
                {
                    importer.WriteNull();
                }
                else
                {
                    importer.Write(cell);
                }
            }
        }

        await importer.CompleteAsync();
    }

    private static void Prepared(SqliteConnection connection, string table, string[] columns, List<object[]> rows)
    {
        using var statement = new SqliteStatement(
            connection, $"INSERT INTO raw_{table} ({Names(columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"?{i + 1}"))})");
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                switch (row[i])
                {
                    case string text:
                        statement.Bind(i + 1, text);
                        break;
                    case long number:
                        statement.Bind(i + 1, number);
                        break;
                    case byte[] bytes:
                        statement.Bind(i + 1, bytes);
                        break;
                    default:
                        statement.Bind(i + 1, (string?)null);
                        break;
                }
            }

            statement.Run();
        }
    }

    private static string Names(string[] columns) => string.Join(", ", columns.Select(c => $"\"{c}\""));

    private static async Task RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
