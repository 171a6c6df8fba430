using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Handrail.Store;

/// <summary>Brings the schema to this version at start. Several processes may start at once: one migrates, the others wait.</summary>
public sealed class DatabaseMigration(IDbContextFactory<HandrailDb> factory, StoreSettings settings)
{
    private const int Attempts = 10;

    /// <summary>True once this process has seen the schema complete: what <c>/readyz</c> asks first.</summary>
    public bool Done { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        using var file = settings.Provider == DatabaseProvider.Sqlite ? await LockFileAsync(cancel) : null;
        await using var db = await factory.CreateDbContextAsync(cancel);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await MigrateAsync(db, cancel);
                Done = true;
                return;
            }
            catch (PostgresException e) when (attempt < Attempts
                && e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.DuplicateTable
                    or PostgresErrorCodes.DuplicateColumn or PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.DuplicateFunction or PostgresErrorCodes.DuplicateSchema)
            {
                // Another process created the database, the history table or what a migration makes in the same moment, and this one's is rolled back: look again.
            }
        }
    }

    private async Task MigrateAsync(HandrailDb db, CancellationToken cancel)
    {
        if (settings.Provider == DatabaseProvider.Sqlite)
        {
            await RemoveStaleLockAsync(db, cancel);
        }

        // Takes the provider's own lock, on PostgreSQL against other processes.
        await db.Database.MigrateAsync(cancel);
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
