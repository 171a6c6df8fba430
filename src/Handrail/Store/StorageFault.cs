using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Handrail.Store;

/// <summary>Tells an error of the database, which may pass, from one of ours.</summary>
public static class StorageFault
{
    /// <summary>True when the database itself answered that it can't do this: it is there, and what it was asked for is not possible, not even later.</summary>
    public static bool IsRefusal(Exception failure) => failure switch
    {
        // Connections, resources, interventions by an operator, and transactions that are to be run again.
        PostgresException e => e.SqlState[..2] is not ("08" or "53" or "57" or "40"),
        SqliteException e => e.SqliteErrorCode is not (SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED or SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CANTOPEN),
        _ => failure.InnerException is { } inner && IsRefusal(inner),
    };

    /// <summary>True when the database was away, too slow, full or broke off. Whether it did what it was asked for is then not known.</summary>
    public static bool Is(Exception failure) =>
        failure is DbException or TimeoutException or SocketException or LostRaceException || (failure.InnerException is { } inner && Is(inner));
}
