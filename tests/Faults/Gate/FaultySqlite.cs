using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Handrail.Faults.Gate;

/// <summary>SQLite's driver, whose every command, COMMIT among them, may fail as the plan says.</summary>
internal sealed class FaultySqliteConnection(string connectionString, FaultPlan plan) : SqliteConnection(connectionString)
{
    public override SqliteCommand CreateCommand() => new FaultySqliteCommand(plan) { Connection = this, CommandTimeout = DefaultTimeout, Transaction = Transaction };
}

internal sealed class FaultySqliteCommand(FaultPlan plan) : SqliteCommand
{
    /// <summary>All that runs a command comes by here.</summary>
    public override SqliteDataReader ExecuteReader(CommandBehavior behavior) => Run(behavior, Next());

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
    {
        var fault = Next();
        var rows = Run(behavior, fault);
        return fault?.Kind == FaultKind.Malformed ? new MalformedReader(rows, new Random(fault.Seed)) : rows;
    }

    protected override Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) => Task.FromResult(ExecuteDbDataReader(behavior));

    /// <summary>A transaction that was begun is always taken back: SQLite is in the same process, and nothing lies between.</summary>
    private Fault? Next()
    {
        if (CommandText.StartsWith("ROLLBACK", StringComparison.Ordinal))
        {
            return null;
        }

        var fault = plan.Next(FaultPlace.Driver);
        return fault?.Kind == FaultKind.After && CommandText.StartsWith("BEGIN", StringComparison.Ordinal) ? fault with { Kind = FaultKind.Before } : fault;
    }

    private SqliteDataReader Run(CommandBehavior behavior, Fault? fault)
    {
        switch (fault?.Kind)
        {
            case FaultKind.Before or FaultKind.Outage:
                throw Exceptions.Of(fault, sqlite: true);
            case FaultKind.After:
                base.ExecuteReader(behavior).Dispose();
                throw Exceptions.Of(fault, sqlite: true);
            case FaultKind.Slow:
                FaultPlan.Wait();
                break;
        }

        return base.ExecuteReader(behavior);
    }
}

/// <summary>Gives the console such connections.</summary>
internal sealed class FaultySqlite(string connectionString, FaultPlan plan) : DbConnectionInterceptor
{
    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(new FaultySqliteConnection(connectionString, plan));
}

/// <summary>Errors as dependencies throw them.</summary>
internal static class Exceptions
{
    public static Exception Of(Fault fault, bool sqlite) => (sqlite ? fault.Seed % 7 : 3 + (fault.Seed % 4)) switch
    {
        0 => new SqliteException("database is locked", SQLitePCL.raw.SQLITE_BUSY),
        1 => new SqliteException("disk I/O error", SQLitePCL.raw.SQLITE_IOERR),
        2 => new SqliteException("database disk image is malformed", SQLitePCL.raw.SQLITE_CORRUPT),
        3 => new TimeoutException("The database was too slow."),
        4 => new OperationCanceledException("It was cancelled."),
        5 => new InvalidOperationException("The connection is closed."),
        _ => new InvalidCastException("The column holds something else."),
    };
}
