using System.Net.Sockets;
using Handrail.Store;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Handrail.Ingest;

/// <summary>Tells whose fault it is that a batch was not committed.</summary>
public static class IngestFailure
{
    /// <summary>What a caller waits before it tries again when the database did not take what it sent.</summary>
    public static readonly TimeSpan StorageRetry = TimeSpan.FromSeconds(2);

    /// <summary>The database did not take it: nothing was kept.</summary>
    public static Refusal Away() => new(RefusalKind.Busy, "The database can't be reached or is full; send this again.") { RetryAfter = StorageRetry };

    /// <summary>The database has not taken it yet, and may or may not do so still.</summary>
    public static Refusal Slow() => new(RefusalKind.Busy, "The database is slow; send this again.") { RetryAfter = StorageRetry };

    /// <summary>Nobody waits for it any more: it was not begun with.</summary>
    public static Refusal GivenUp() => new(RefusalKind.Busy, "Its sender waits no longer.") { RetryAfter = StorageRetry };

    /// <summary>
    /// True when the rows are at fault, so that they would fail again and their neighbours would not. Everything else (the
    /// database away, full, read-only, of another version) is no fault of the sender's, who is to try again.
    /// </summary>
    public static bool BlamesData(Exception failure) => failure switch
    {
        DbUpdateException { InnerException: { } inner } => BlamesData(inner),

        // Classes 22 (data), 23 (constraint), 54 (a limit of the program).
        PostgresException postgres => postgres.SqlState[..2] is "22" or "23" or "54",

        // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_RANGE.
        SqliteException sqlite => sqlite.SqliteErrorCode is 18 or 19 or 20 or 25,
        NpgsqlException or LostRaceException or TimeoutException or SocketException or IOException or OperationCanceledException => false,
        ArgumentException or FormatException or OverflowException or InvalidCastException or KeyNotFoundException => true,
        _ => false,
    };
}
