using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Handrail.Store;

/// <summary>
/// One prepared SQLite statement, run for row after row with its values bound by number. The provider's own command looks every parameter
/// up by its name for every row, which took most of a writer's time.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int OnStack = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <param name="connection">Open, and in the transaction that the rows belong to.</param>
    /// <param name="sql">With its parameters as <c>?1</c>, <c>?2</c> and so on.</param>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
    }

    public void Bind(int number, string? text)
    {
        if (text is null)
        {
            BindNull(number);
            return;
        }

        if (text.Length == 0)
        {
            // An empty span would be bound as null.
            Check(raw.sqlite3_bind_text(_statement, number, ""));
            return;
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var utf8 = most <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(most);
        Check(raw.sqlite3_bind_text(_statement, number, utf8[..Encoding.UTF8.GetBytes(text, utf8)]));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Bind(int number, byte[]? bytes)
    {
        if (bytes is null)
        {
            BindNull(number);
        }
        else
        {
            Check(raw.sqlite3_bind_blob(_statement, number, bytes));
        }
    }

    public void Bind(int number, long? value)
    {
        if (value is { } given)
        {
            Check(raw.sqlite3_bind_int64(_statement, number, given));
        }
        else
        {
            BindNull(number);
        }
    }

    public void Bind(int number, double? value)
    {
        if (value is { } given)
        {
            Check(raw.sqlite3_bind_double(_statement, number, given));
        }
        else
        {
            BindNull(number);
        }
    }

    /// <summary>Runs it with what is bound.</summary>
    /// <returns>Rows inserted, changed or deleted.</returns>
    public int Run()
    {
        var result = raw.sqlite3_step(_statement);
        var changed = result == raw.SQLITE_DONE ? raw.sqlite3_changes(_database) : 0;
        var reset = raw.sqlite3_reset(_statement);
        Check(result is raw.SQLITE_DONE or raw.SQLITE_ROW ? reset : result);
        return changed;
    }

    public void Dispose() => _statement.Dispose();

    private void BindNull(int number) => Check(raw.sqlite3_bind_null(_statement, number));

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
