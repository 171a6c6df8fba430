using System.Diagnostics;
using Handrail.Access;
using Handrail.Audit;
using Handrail.Health;
using Handrail.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Handrail.Store;

/// <summary>The way into the database: reads as they are, writes as one transaction each, told only once they are committed.</summary>
public sealed class HandrailStore(
    IDbContextFactory<HandrailDb> factory, DatabaseProvider provider, WriteLane lane, Hints hints, HiddenAgents hidden, AuditStanding audit, TimeProvider time)
{
    private const int Attempts = 5;

    /// <summary>
    /// A transaction that writes looks its rows up and walks through no table. Left to itself, PostgreSQL keeps the plan that it made for a
    /// prepared statement while the table was small, and compares each of the rows there are by now with each of the keys.
    /// Compiling statements of this kind costs more than running them. It tells the database's time as well, by which all processes go.
    /// </summary>
    private const string LooksUp = "SELECT clock_timestamp(), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

    private static readonly KeyValuePair<string, object?> Sqlite = new("db.system.name", "sqlite");
    private static readonly KeyValuePair<string, object?> Transaction = new("db.operation.name", "transaction");

    public DatabaseProvider Provider => provider;

    /// <summary>How often anything but telemetry has come to write, on SQLite; 0 where nobody waits for another's turn.</summary>
    internal long ControlTurns => lane.ControlTurns;

    /// <summary>Whether the audit trail can be written, and what is owed to it.</summary>
    public AuditStanding Audit => audit;

    /// <summary>Opens a context for reading; nothing read is tracked.</summary>
    public async Task<T> ReadAsync<T>(Func<HandrailDb, Task<T>> read, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await read(db);
    }

    /// <summary>The same for somebody: nothing is read of agents that are hidden from them, nor of sessions that one of those worked in.</summary>
    public async Task<T> ReadAsync<T>(Caller caller, Func<HandrailDb, Task<T>> read, CancellationToken cancel)
    {
        var unseen = await hidden.OfAsync(caller, cancel);
        await using var db = await factory.CreateDbContextAsync(cancel);
        db.HiddenAgents = unseen;
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await read(db);
    }

    /// <summary>The agents that are hidden from somebody, for what is read once for all.</summary>
    public ValueTask<IReadOnlySet<string>> HiddenFromAsync(Caller caller, CancellationToken cancel) => hidden.OfAsync(caller, cancel);

    /// <summary>What somebody may do to which agent, for pages to show.</summary>
    public ValueTask<Rights> RightsOfAsync(Caller caller, CancellationToken cancel) => hidden.RightsOfAsync(caller, cancel);

    /// <summary>
    /// Runs the work in one transaction, with its audit records, and tells its hints after the commit. On PostgreSQL the work is
    /// run again when the database chose it as the victim of a deadlock: it must have no effect outside the transaction. It is also run again
    /// where its records can't be written and all of them tell of what tightens: then they are owed.
    /// </summary>
    /// <exception cref="Refusal">The audit trail can't be written: nothing was done. Or what the work itself refuses.</exception>
    public Task<T> WriteAsync<T>(Func<UnitOfWork, Task<T>> work, CancellationToken cancel) => WriteAsync(work, telemetry: false, cancel);

    /// <summary>The same for a batch of telemetry, which on SQLite lets everything else go first.</summary>
    internal Task<T> WriteTelemetryAsync<T>(Func<UnitOfWork, Task<T>> work, CancellationToken cancel) => WriteAsync(work, telemetry: true, cancel);

    private async Task<T> WriteAsync<T>(Func<UnitOfWork, Task<T>> work, bool telemetry, CancellationToken cancel)
    {
        var owing = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(work, telemetry, owing, cancel);
            }
            catch (UnwrittenRecordException e) when (!owing && e.Tightens)
            {
                owing = true;
            }
            catch (UnwrittenRecordException)
            {
                throw AuditStanding.Unwritable();
            }
            catch (Exception e) when (attempt < Attempts && IsVictim(e))
            {
                cancel.ThrowIfCancellationRequested();
                ConsoleMeter.TransactionRetries.Add(1, new KeyValuePair<string, object?>("error.type", DatabaseFault(e)?.SqlState ?? "lost_race"));
            }
        }
    }

    public Task WriteAsync(Func<UnitOfWork, Task> work, CancellationToken cancel) => WriteAsync(
        async unit =>
        {
            await work(unit);
            return true;
        },
        cancel);

    private async Task<T> OnceAsync<T>(Func<UnitOfWork, Task<T>> work, bool telemetry, bool owing, CancellationToken cancel)
    {
        if (provider != DatabaseProvider.Sqlite)
        {
            return await TransactAsync(work, telemetry, owing, cancel);
        }

        // PostgreSQL's driver measures and traces itself; SQLite's does not.
        var begun = time.GetTimestamp();
        using var span = Activity.Current is null ? null : ConsoleMeter.Source.StartActivity("transaction", ActivityKind.Client);
        span?.SetTag("db.system.name", "sqlite").SetTag("db.operation.name", "transaction");
        try
        {
            return await TransactAsync(work, telemetry, owing, cancel);
        }
        finally
        {
            ConsoleMeter.DatabaseDuration.Record(time.GetElapsedTime(begun).TotalSeconds, Sqlite, Transaction);
        }
    }

    private async Task<T> TransactAsync<T>(Func<UnitOfWork, Task<T>> work, bool telemetry, bool owing, CancellationToken cancel)
    {
        using WriteLane.Turn? turn = provider == DatabaseProvider.Sqlite ? await lane.EnterAsync(telemetry, cancel) : null;
        await using var db = await factory.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (provider == DatabaseProvider.Postgres)
        {
            await using var looksUp = db.Database.GetDbConnection().CreateCommand();
            (looksUp.CommandText, looksUp.Transaction) = (LooksUp, transaction.GetDbTransaction());
            var database = (DateTime)(await looksUp.ExecuteScalarAsync(cancel))!;
            (time as SteadyTime)?.Hear(database);
        }

        var unit = new UnitOfWork(db, time);
        var result = await work(unit);
        await db.SaveChangesAsync(cancel);
        if (unit.Records.Count > 0)
        {
            var tightens = unit.Records.All(r => r.Tightens);
            if (!owing)
            {
                await AppendAsync(db, unit.Records, unit.Now, tightens, cancel);
                unit.Tell(HintKind.Audit, "");
            }
            else if (tightens)
            {
                audit.Owe([.. unit.Records.Select(r => OwedRecord.Of(r, unit.Now))]);
            }
            else
            {
                throw new UnwrittenRecordException(tightens: false, null);
            }
        }

        // Past this point the deed is done: a caller that goes away must not leave it half told.
        await transaction.CommitAsync(CancellationToken.None);
        foreach (var hint in unit.Hints)
        {
            hints.Tell(hint);
        }

        return result;
    }

    /// <summary>Where a window that ends at a moment of the console's clock begins.</summary>
    internal DateTimeOffset Before(DateTimeOffset now, TimeSpan window) => time.Before(now, window);

    /// <summary>Finds out whether a record can be written, by writing one that is taken back.</summary>
    internal async Task TryAuditAsync(CancellationToken cancel)
    {
        using WriteLane.Turn? turn = provider == DatabaseProvider.Sqlite ? await lane.EnterAsync(telemetry: true, cancel) : null;
        await using var db = await factory.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        try
        {
            await AppendAsync(db, [new AuditEntry(Caller.System, "audit.try", "audit")], time.GetUtcNow(), tightens: false, cancel);
        }
        catch (UnwrittenRecordException)
        {
            // It is said where the standing is kept.
        }
    }

    /// <summary>Last, so that the chain is held for as short a time as possible.</summary>
    private async Task AppendAsync(HandrailDb db, IReadOnlyList<AuditEntry> entries, DateTimeOffset at, bool tightens, CancellationToken cancel)
    {
        try
        {
            await AuditChain.AppendAsync(db, entries, at, cancel);
            await db.SaveChangesAsync(cancel);
        }
        catch (Exception e) when (StorageFault.IsRefusal(e) && !IsVictim(e))
        {
            audit.Failed(e);
            throw new UnwrittenRecordException(tightens, e);
        }

        audit.Worked();
    }

    private static PostgresException? DatabaseFault(Exception e) => e as PostgresException ?? e.InnerException as PostgresException;

    private static bool IsVictim(Exception e) => e is LostRaceException || DatabaseFault(e)?.SqlState
        is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation;
}
