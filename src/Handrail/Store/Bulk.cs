using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Handrail.Store;

/// <summary>
/// Writes many rows with one statement, in the context's transaction: <c>unnest</c> and <c>COPY</c> on PostgreSQL, one prepared
/// statement run for each row on SQLite. What stands in the clauses is SQL that both understand.
/// </summary>
internal sealed class Bulk
{
    private readonly DbConnection _connection;
    private readonly DbTransaction _transaction;

    public Bulk(HandrailDb db, DatabaseProvider provider)
    {
        Provider = provider;
        _connection = db.Database.GetDbConnection();
        _transaction = db.Database.CurrentTransaction?.GetDbTransaction() ?? throw new InvalidOperationException("Rows are written in bulk within a transaction only.");
    }

    public DatabaseProvider Provider { get; }

    /// <summary>A moment as a parameter of a statement.</summary>
    public object Time(DateTimeOffset at) => Provider == DatabaseProvider.Sqlite ? TimeColumns.ToMicros(at) : TimeColumns.Truncate(at);

    /// <summary>Inserts rows of which none is there yet.</summary>
    public async Task AppendAsync<TRow>(string table, BulkColumn<TRow>[] columns, IReadOnlyList<TRow> rows, CancellationToken cancel)
    {
        if (rows.Count == 0)
        {
            return;
        }

        if (Provider == DatabaseProvider.Sqlite)
        {
            await InsertAsync(table, columns, rows, "", cancel);
            return;
        }

        var copy = $"COPY {table} ({Names(columns)}) FROM STDIN (FORMAT BINARY)";
        await using var importer = await ((NpgsqlConnection)_connection).BeginBinaryImportAsync(copy, cancel);
        foreach (var row in rows)
        {
            // Into the importer's buffer; only a full buffer reaches the network.
            importer.StartRow();
            foreach (var column in columns)
            {
                column.Copy(importer, row);
            }
        }

        await importer.CompleteAsync(cancel);
    }

    /// <summary>Inserts rows; the clause says what to do with one that is there already.</summary>
    /// <returns>Rows inserted or changed.</returns>
    public Task<int> InsertAsync<TRow>(string table, BulkColumn<TRow>[] columns, IReadOnlyList<TRow> rows, string onConflict, CancellationToken cancel) => RunAsync(
        columns, rows,
        () => $"{EachInto(table, columns)} {onConflict}",
        () => $"{AllInto(table, columns)} {onConflict}",
        cancel);

    /// <summary>Inserts those of the rows that are not there yet.</summary>
    /// <returns>The keys of those.</returns>
    public async Task<HashSet<string>> InsertNewAsync<TRow>(
        string table, BulkColumn<TRow>[] columns, IReadOnlyList<TRow> rows, BulkColumn<TRow> keyColumn, Func<TRow, string> key, CancellationToken cancel)
    {
        var made = new HashSet<string>(rows.Count, StringComparer.Ordinal);
        if (rows.Count == 0)
        {
            return made;
        }

        var onConflict = $"ON CONFLICT (\"{keyColumn.Name}\") DO NOTHING";
        if (Provider == DatabaseProvider.Postgres)
        {
            await using var all = Command($"{AllInto(table, columns)} {onConflict} RETURNING \"{keyColumn.Name}\"", columns, rows);
            await using var reader = await all.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                made.Add(reader.GetString(0));
            }

            return made;
        }

        using var statement = new SqliteStatement((SqliteConnection)_connection, $"{EachInto(table, columns)} {onConflict}");
        foreach (var row in rows)
        {
            if (Run(statement, columns, row) > 0)
            {
                made.Add(key(row));
            }
        }

        return made;
    }

    /// <summary>Sets columns of rows found by their keys.</summary>
    public Task<int> UpdateAsync<TRow>(string table, BulkColumn<TRow>[] keys, BulkColumn<TRow>[] values, IReadOnlyList<TRow> rows, CancellationToken cancel) => RunAsync(
        [.. keys, .. values], rows,
        () => $"UPDATE {table} SET {string.Join(", ", values.Select((c, i) => $"\"{c.Name}\" = ?{keys.Length + i + 1}"))} WHERE {Meets(table, keys)}",
        () => $"UPDATE {table} SET {string.Join(", ", values.Select(c => $"\"{c.Name}\" = d.\"{c.Name}\""))} FROM {Given([.. keys, .. values])} WHERE {Same(table, keys)}",
        cancel);

    /// <summary>Deletes rows found by their keys that also meet the condition.</summary>
    public Task<int> DeleteAsync<TRow>(string table, BulkColumn<TRow>[] keys, IReadOnlyList<TRow> rows, string condition, CancellationToken cancel) => RunAsync(
        keys, rows,
        () => $"DELETE FROM {table} WHERE {Meets(table, keys)}{condition}",
        () => $"DELETE FROM {table} USING {Given(keys)} WHERE {Same(table, keys)}{condition}",
        cancel);

    /// <summary>Runs a statement for its effect.</summary>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var command = Command(sql);
        foreach (var (name, value) in parameters)
        {
            Add(command, name, value);
        }

        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Reads rows whose column is one of the keys; <c>{in}</c> in the statement stands for "is one of them".</summary>
    public async Task<List<TRow>> ReadAsync<TRow>(
        string sql, IReadOnlyCollection<string> keys, Func<DbDataReader, TRow> read, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        var sqlite = Provider == DatabaseProvider.Sqlite;
        await using var command = Command(sql.Replace("{in}", sqlite ? "IN (SELECT value FROM json_each(@keys))" : "= ANY(@keys)", StringComparison.Ordinal));
        Add(command, "keys", sqlite ? JsonText.Of(keys) : keys.ToArray());
        foreach (var (name, value) in parameters)
        {
            Add(command, name, value);
        }

        var rows = new List<TRow>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>
    /// Runs several queries in one round trip, in their order. In them <c>{in:name}</c> stands for "is one of that list", and <c>{share}</c> and
    /// <c>{update}</c> for the row locks of <see cref="RowLocks"/>.
    /// </summary>
    public async Task ReadSeveralAsync(
        IReadOnlyList<(string Sql, Action<DbDataReader> Row)> queries, IReadOnlyList<(string Name, IReadOnlyCollection<string> Keys)> lists,
        IReadOnlyList<(string Name, object Value)> parameters, CancellationToken cancel)
    {
        var sqlite = Provider == DatabaseProvider.Sqlite;
        var sql = string.Join(";\n", queries.Select(q => q.Sql));
        sql = sql.Replace("{share}", sqlite ? "" : "FOR SHARE", StringComparison.Ordinal).Replace("{update}", sqlite ? "" : "FOR UPDATE", StringComparison.Ordinal);
        foreach (var (name, _) in lists)
        {
            sql = sql.Replace($"{{in:{name}}}", sqlite ? $"IN (SELECT value FROM json_each(@{name}))" : $"= ANY(@{name})", StringComparison.Ordinal);
        }

        await using var command = Command(sql);
        foreach (var (name, keys) in lists)
        {
            Add(command, name, sqlite ? JsonText.Of(keys) : keys.ToArray());
        }

        foreach (var (name, value) in parameters)
        {
            Add(command, name, value);
        }

        await using var reader = await command.ExecuteReaderAsync(cancel);
        foreach (var (_, row) in queries)
        {
            while (await reader.ReadAsync(cancel))
            {
                row(reader);
            }

            await reader.NextResultAsync(cancel);
        }
    }

    private async Task<int> RunAsync<TRow>(BulkColumn<TRow>[] columns, IReadOnlyList<TRow> rows, Func<string> sqlite, Func<string> postgres, CancellationToken cancel)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        if (Provider == DatabaseProvider.Postgres)
        {
            await using var one = Command(postgres(), columns, rows);
            return await one.ExecuteNonQueryAsync(cancel);
        }

        using var statement = new SqliteStatement((SqliteConnection)_connection, sqlite());
        var changed = 0;
        foreach (var row in rows)
        {
            changed += Run(statement, columns, row);
        }

        return changed;
    }

    private static int Run<TRow>(SqliteStatement statement, BulkColumn<TRow>[] columns, TRow row)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Bind(statement, i + 1, row);
        }

        return statement.Run();
    }

    /// <summary>A statement over the rows' columns, each an array.</summary>
    private DbCommand Command<TRow>(string sql, BulkColumn<TRow>[] columns, IReadOnlyList<TRow> rows)
    {
        var command = Command(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(column.PostgresArray(rows));
        }

        return command;
    }

    private DbCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
#pragma warning disable CA2100 // Made of our own table and column names; every value is a parameter.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static DbParameter Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@" + name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
        return parameter;
    }

    private static string EachInto<TRow>(string table, BulkColumn<TRow>[] columns) =>
        $"INSERT INTO {table} ({Names(columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => $"?{i + 1}"))})";

    private static string AllInto<TRow>(string table, BulkColumn<TRow>[] columns) =>
        $"INSERT INTO {table} ({Names(columns)}) SELECT * FROM unnest({string.Join(", ", columns.Select(c => "@" + c.Name))})";

    private static string Names<TRow>(BulkColumn<TRow>[] columns) => string.Join(", ", columns.Select(c => $"\"{c.Name}\""));

    private static string Given<TRow>(BulkColumn<TRow>[] columns) => $"unnest({string.Join(", ", columns.Select(c => "@" + c.Name))}) AS d({Names(columns)})";

    private static string Same<TRow>(string table, BulkColumn<TRow>[] keys) => string.Join(" AND ", keys.Select(c => $"{table}.\"{c.Name}\" = d.\"{c.Name}\""));

    private static string Meets<TRow>(string table, BulkColumn<TRow>[] keys) => string.Join(" AND ", keys.Select((c, i) => $"{table}.\"{c.Name}\" = ?{i + 1}"));
}
