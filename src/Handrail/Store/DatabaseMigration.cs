using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Handrail.Store;

/// <summary>Brings the schema to this version at start. Several processes may start at once: one migrates, the others wait.</summary>
public sealed class DatabaseMigration(IDbContextFactory<HandrailDb> factory, StoreSettings settings)
{
    /// <summary>The name of the lock under which one process migrates, on PostgreSQL: any number that nobody else takes.</summary>
    private const long MigrationLock = 0x48616E647261696C;

    /// <summary>True once this process has seen the schema complete: what <c>/readyz</c> asks first.</summary>
    public bool Done { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            using var file = await LockFileAsync(cancel);

            // EF looks for the schema with a connection that only reads, and a file as a backup leaves it is switched to the write-ahead log by the first that opens it.
            await db.Database.OpenConnectionAsync(cancel);
            await db.Database.CloseConnectionAsync();
            if (await IsBehindAsync(db, cancel))
            {
                await RemoveStaleLockAsync(db, cancel);
                await db.Database.MigrateAsync(cancel);
            }
        }
        else
        {
            await CreateAsync(db, cancel);
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancel);

            // EF locks its history only while it applies one migration, and reads what is left to do before: two processes would both begin the
            // same. This one is held by the transaction and so ends with the process.
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await using var wait = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = MigrationLock } },
                CommandTimeout = 0,
            };
            await wait.ExecuteNonQueryAsync(cancel);
            if (await IsBehindAsync(db, cancel))
            {
                await db.Database.MigrateAsync(cancel);
            }
        }

        Done = true;
    }

    /// <summary>Asked first, because at most starts it is not: EF would build the model of every migration again only to find nothing to do.</summary>
    private static async Task<bool> IsBehindAsync(HandrailDb db, CancellationToken cancel) => (await db.Database.GetPendingMigrationsAsync(cancel)).Any();

    /// <summary>Makes the database where there is none yet, which may be where another process just makes it.</summary>
    private static async Task CreateAsync(HandrailDb db, CancellationToken cancel)
    {
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancel))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancel);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process was first.
        }
    }

    /// <summary>
    /// EF's lock on SQLite is a row: a process killed while migrating leaves it behind, and the next one would wait for ever.
    /// The file lock already keeps others out, so a row found here is stale.
    /// </summary>
    private static async Task RemoveStaleLockAsync(HandrailDb db, CancellationToken cancel)
    {
        var tables = await db.Database
            .SqlQueryRaw<string>("SELECT name AS \"Value\" FROM sqlite_master WHERE type = 'table' AND name = '__EFMigrationsLock'")
            .ToListAsync(cancel);
        if (tables.Count > 0)
        {
            await db.Database.ExecuteSqlRawAsync("DELETE FROM \"__EFMigrationsLock\"", cancel);
        }
    }

    private async Task<FileStream?> LockFileAsync(CancellationToken cancel)
    {
        var path = new SqliteConnectionStringBuilder(settings.ConnectionString).DataSource;
        if (path is "" or ":memory:")
        {
            return null;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        while (true)
        {
            try
            {
                return new FileStream(path + ".migrate", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (File.Exists(path + ".migrate"))
            {
                await Task.Delay(100, cancel);
            }
        }
    }
}
